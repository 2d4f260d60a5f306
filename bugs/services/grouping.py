"""Groups of errors as people handle them: put behind another, taken out again, undone. No report moves for it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from audit.actors import Principal
from bugs import events
from bugs.models import Bug, ErrorGroup, GroupMove
from bugs.selectors import groups as selectors
from bugs.services import error_counts, group_bugs, group_rows
from bugs.services.group_rows import Held

Places = dict[UUID, tuple[UUID | None, UUID | None]]  # of groups: behind which one, and in which bug
MERGE, SPLIT, ATTACH = "merge", "split", "attach"
MEMBERS_MAX = 1_000  # groups behind one

# Never waits: ingest holds groups of its own by then, and whoever moves this one may wait for those.
_JOIN = "SELECT id, merged_into_id, bug_id FROM bugs_errorgroup WHERE id = %s FOR KEY SHARE SKIP LOCKED"


class CannotMove(Exception):
    """Why a group stays where it is: `code` is stable, the text is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@transaction.atomic
def merge(group_id: UUID, *, into: UUID, by: Principal) -> None:
    """Put a group, with those behind it, behind another: they take its bug. Their own bug stays, and counts anew.

    Raises CannotMove, policy.Refused or NotThere.
    """
    project_id = group_rows.found(group_id, by=by).project_id
    if not ErrorGroup.objects.filter(pk=into, project_id=project_id).exists():  # before a foreign one is locked
        raise CannotMove("unknown_group", "There is no such group in this project.")
    rows = group_rows.held({group_id, into})
    source, target = rows[group_id], rows[into]
    _check_mergeable(source, target)
    _check_room(rows, source, target)
    moved = _put_behind(rows, source, target)
    GroupMove.objects.create(
        kind=MERGE, group=source, into=target, before=moved, actor=by.label, moved_at=timezone.now()
    )
    events.group_merged(source, into=into, similarity=None, by=by)


@transaction.atomic
def split(head_id: UUID, *, groups: Sequence[UUID], by: Principal) -> None:
    """Take groups out of the one that they stand behind. Each goes back to the bug that it had, or gets one of its own.

    Raises CannotMove, policy.Refused or NotThere.
    """
    group_rows.found(head_id, by=by)
    rows = group_rows.held({head_id})
    places: Places = {}
    for group_id in dict.fromkeys(groups):
        member = rows.get(group_id)
        if member is None or member.merged_into_id != head_id:
            raise CannotMove("not_behind", "This group does not stand behind that one.")
        places[group_id] = (None, group_rows.living_bug(_bug_before(member)))
        GroupMove.objects.create(
            kind=SPLIT,
            group=member,
            into_id=head_id,
            before={str(group_id): _place(member)},
            actor=by.label,
            moved_at=timezone.now(),
        )
    _take_out(rows, rows[head_id], places)
    for group_id in places:
        _bear(rows[group_id])
        events.group_split(rows[group_id], out_of=head_id, by=by)


@transaction.atomic
def undo(group_id: UUID, *, by: Principal) -> GroupMove:
    """Undo the newest move of a group, or to it, that is not undone. Raises CannotMove, policy.Refused or NotThere."""
    group_rows.found(group_id, by=by)
    move = selectors.moves_of(group_id).filter(undone_at=None).order_by("-moved_at", "-id").first()
    rows = group_rows.held({move.group_id, move.into_id}) if move and move.into_id else {}
    if move:
        move.refresh_from_db(fields=["undone_at"])  # somebody may have undone it while we waited
    if move is None or move.into_id is None or move.undone_at:
        raise CannotMove("nothing_to_undo", "No move of this group is left to be undone.")
    source, target = rows[move.group_id], rows[move.into_id]
    if move.kind == SPLIT:
        _check_stands(source, None)
        _check_stands(target, None)
        _check_room(rows, source, target)
        _put_behind(rows, source, target)
        events.group_merged(source, into=target.pk, similarity=None, by=by)
    else:
        _check_stands(source, target.pk)
        _take_out(rows, target, _places_before(rows, move))
        _bear(source)
        events.group_split(source, out_of=target.pk, by=by)
    move.undone_at = timezone.now()
    move.save(update_fields=["undone_at"])
    return move


@transaction.atomic
def attach(group_id: UUID, *, into: UUID, similarity: float, by: Principal) -> ErrorGroup | None:
    """Put a group that was just made, and has no bug yet, behind one with a similar stack; that one, or its own head.

    For ingest, within its transaction: it never waits, and counts nothing in the bug, which ingest does itself. None
    when it stays alone: the other one is being moved at this moment, or has as many behind it as it may have.
    """
    head = _joined(into)
    if head is None or head.pk == group_id or selectors.member_count(head.pk) >= MEMBERS_MAX:
        return None
    group = ErrorGroup.objects.defer("context", "context_words").get(pk=group_id)
    GroupMove.objects.create(
        kind=ATTACH,
        group=group,
        into=head,
        before={str(group_id): _place(group)},
        similarity=similarity,
        actor=by.label,
        moved_at=timezone.now(),
    )
    group.merged_into, group.bug_id = head, head.bug_id
    group.save(update_fields=["merged_into", "bug"])
    events.group_merged(group, into=head.pk, similarity=similarity, by=by)
    return head


def _joined(group_id: UUID | None) -> ErrorGroup | None:
    """The head of a group, which stays one until the transaction ends."""
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(_JOIN, [group_id])
            row = cursor.fetchone()
        if row is None:
            return None
        if row[1] is None:
            return ErrorGroup(pk=row[0], bug_id=row[2])
        group_id = row[1]
    return None


def _check_mergeable(source: ErrorGroup, target: ErrorGroup) -> None:
    if source.pk == target.pk:
        raise CannotMove("merge_into_itself", "A group is not merged into itself.")
    if source.merged_into_id:
        raise CannotMove("already_merged", "This group stands behind another already; split it from that one first.")
    if target.merged_into_id:
        raise CannotMove("merge_into_merged", "That group stands behind another; merge into that one.")


def _check_room(rows: Held, source: ErrorGroup, target: ErrorGroup) -> None:
    if len(group_rows.family(rows, source)) + len(group_rows.family(rows, target)) > MEMBERS_MAX + 1:
        raise CannotMove("too_many_groups", f"A group has {MEMBERS_MAX} others behind it at most.")


def _check_stands(group: ErrorGroup, behind: UUID | None) -> None:
    if group.merged_into_id != behind:
        raise CannotMove("group_moved", "It was moved with another group since. Undo that first, or split it.")


def _put_behind(rows: Held, source: ErrorGroup, target: ErrorGroup) -> dict[str, Any]:
    """Move a family behind another head; where everything that changed was before."""
    bug_id = group_rows.living_bug(target.bug_id) or source.bug_id or target.bug_id
    moved, there = group_rows.family(rows, source), group_rows.family(rows, target)
    changed = [*moved, *(row for row in there if row.bug_id != bug_id)]
    before = {str(row.pk): _place(row) for row in changed}
    bugs = {row.bug_id for row in changed} | {bug_id}
    for row in changed:
        row.bug_id = bug_id
    for row in moved:
        row.merged_into = target
    _save(changed, target, bugs)
    return before


def _take_out(rows: Held, head: ErrorGroup, places: Places) -> None:
    """Put groups where they were: behind which one, and in which bug."""
    changed = [rows[group_id] for group_id in places]
    bugs = {row.bug_id for row in changed}
    for row in changed:
        row.merged_into_id, row.bug_id = places[row.pk]
    _save(changed, head, bugs | {row.bug_id for row in changed})


def _save(changed: Sequence[ErrorGroup], head: ErrorGroup, bugs: set[UUID | None]) -> None:
    """Write groups, then what depends on them: when the head was seen last, and what bugs count."""
    touched = sorted(bug_id for bug_id in bugs if bug_id)
    error_counts.hold_bugs(touched)
    ErrorGroup.objects.bulk_update(changed, ["merged_into", "bug"])
    group_rows.put_right([head.pk, *(row.pk for row in changed if row.merged_into_id is None)])
    if touched:
        error_counts.recount(touched)
        Bug.objects.filter(pk__in=touched).update(updated_at=timezone.now())


def _bear(group: ErrorGroup) -> None:
    """A group that stands alone has a bug, as the project sets."""
    if group.bug_id is None:
        text = selectors.newest_document(group.project_id, group.pk)
        group_bugs.file(group, orjson.loads(text) if text else {})


def _place(group: ErrorGroup) -> dict[str, str | None]:
    named = {"behind": group.merged_into_id, "bug": group.bug_id}
    return {name: str(value) if value else None for name, value in named.items()}


def _bug_before(group: ErrorGroup) -> UUID | None:
    """The bug that a group had of its own before it was put where it is."""
    move = selectors.move_behind(group.pk)
    name = move.before.get(str(group.pk), {}).get("bug") if move else None
    return UUID(name) if name else None


def _places_before(rows: Held, move: GroupMove) -> Places:
    """Where those groups of a move were that still are where it put them; later moves of their own stay."""
    before = {UUID(name): place for name, place in move.before.items()}
    later = GroupMove.objects.filter(group__in=before, moved_at__gt=move.moved_at, undone_at=None)
    stay = set(later.values_list("group_id", flat=True))
    back = [row for row in rows.values() if row.pk in before and row.pk not in stay]
    places = {row.pk: _read(before[row.pk]) for row in back if row.merged_into_id == move.into_id}
    if move.into_id in before:  # it had no bug, and got one by the move
        for row in group_rows.family(rows, rows[move.into_id]):
            if row.pk not in places:
                places[row.pk] = (row.merged_into_id, group_rows.living_bug(_read(before[move.into_id])[1]))
    return {group_id: (behind, group_rows.living_bug(bug)) for group_id, (behind, bug) in places.items()}


def _read(place: dict[str, str | None]) -> tuple[UUID | None, UUID | None]:
    behind, bug = (UUID(place[name] or "") if place[name] else None for name in ("behind", "bug"))
    return behind, bug
