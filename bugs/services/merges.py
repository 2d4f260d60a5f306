"""Merging a bug into another, and the undo that restores it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.actors import Principal
from bugs import events, lifecycle, rollups
from bugs.choices import Resolution, Status
from bugs.models import Bug, ErrorGroup, Merge, Watcher
from bugs.services import error_counts, rows, watchers

_TIMES = ("triaged_at", "resolved_at", "closed_at")
_STATE = ("status", "resolution", *_TIMES)


class Unmergeable(Exception):
    """Why two bugs cannot become one: `code` is stable, the text is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class CannotUndo(Exception):
    """Why a merge cannot be undone; the text is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@transaction.atomic
def merge(source_id: UUID, *, into: UUID, by: Principal, version: int | None = None) -> Bug:
    """Make one bug a duplicate of another: its error groups and watchers go there, its links and comments stay.

    Raises Unmergeable, StaleVersion, policy.Refused or NotThere.
    """
    if source_id == into:
        raise Unmergeable("merge_into_itself", "A bug is not merged into itself.")
    source, target = _both(source_id, into, by=by, version=version)
    _check_mergeable(source, target)
    groups = list(ErrorGroup.objects.filter(bug=source).order_by("fingerprint").values_list("pk", flat=True))
    joined = _copy_watchers(source, target)
    before = {**_state(source), "groups": [str(pk) for pk in groups], "watchers": joined}
    now = timezone.now()
    Merge.objects.create(source=source, target=target, before=before, actor=by.label, merged_at=now)
    old = source.status
    counted = rollups.facts(source)
    _resolve(source, now)
    source.merged_into = target
    rows.save(source, *_STATE, "merged_into", before=counted)
    _move_groups(groups, source, target)
    if source.status != old:
        events.status_changed(source, old=old, by=by)
    events.merged(source, into=target, by=by)
    return source


@transaction.atomic
def undo(source_id: UUID, *, by: Principal, version: int | None = None) -> Bug:
    """Bring a merged bug back as it was, with its error groups and what they have counted since.

    Raises CannotUndo, StaleVersion, policy.Refused or NotThere.
    """
    done = Merge.objects.filter(source_id=source_id, undone_at=None).first()
    if done is None:
        rows.locked(source_id, by=by, action="bug.edit", version=version)
        raise CannotUndo("not_merged", "This bug is not merged into another.")
    try:
        source, target = _both(source_id, done.target_id, by=by, version=version)
    except Unmergeable:
        detail = "The bug it was merged into is deleted, or not yours to see. It must be there first."
        raise CannotUndo("merge_target_gone", detail) from None
    groups = _check_undoable(done, source, target)
    old = source.status
    counted = rollups.facts(source)
    _restore(source, done.before)
    rows.save(source, *_STATE, "merged_into", before=counted)
    Watcher.objects.filter(bug=target, user_id__in=done.before["watchers"]).delete()
    _move_groups(groups, target, source)
    done.undone_at = timezone.now()
    done.save(update_fields=["undone_at"])
    if source.status != old:
        events.status_changed(source, old=old, by=by)
    events.unmerged(source, into=target, by=by)
    return source


def _both(source_id: UUID, target_id: UUID, *, by: Principal, version: int | None) -> tuple[Bug, Bug]:
    """Both bugs, locked in the order of ids, after their error groups: the order in which ingest locks."""
    error_counts.hold_groups(Q(bug_id__in=[source_id, target_id]))
    found: dict[UUID, Bug] = {}
    for bug_id in sorted((source_id, target_id)):
        try:
            found[bug_id] = rows.locked(
                bug_id, by=by, action="bug.edit", version=version if bug_id == source_id else None
            )
        except rows.NotThere:
            if bug_id == source_id:
                raise
            raise Unmergeable("unknown_bug", "There is no such bug, or it is not yours to see.") from None
    return found[source_id], found[target_id]


def _check_mergeable(source: Bug, target: Bug) -> None:
    if source.merged_into_id:
        raise Unmergeable("already_merged", "This bug is merged into another already.")
    if source.project_id != target.project_id:
        raise Unmergeable("merge_across_projects", "Bugs of two projects are not merged; link them.")
    if _leads_to(target, source.pk):
        raise Unmergeable("merge_circle", "That bug is merged into this one.")
    if target.merged_into_id:
        raise Unmergeable("merge_into_merged", "That bug is merged into another; merge into that one.")


def _leads_to(bug: Bug, wanted: UUID) -> bool:
    """Whether one follows merges from a bug to another. There are no circles, so it ends."""
    following = bug.merged_into_id
    while following and following != wanted:
        following = Bug.objects.values_list("merged_into_id", flat=True).get(pk=following)
    return following == wanted


def _check_undoable(done: Merge, source: Bug, target: Bug) -> list[UUID]:
    """The groups to bring back."""
    done.refresh_from_db()  # somebody may have undone it before the locks were ours
    if done.undone_at or source.merged_into_id != target.pk:
        raise CannotUndo("not_merged", "This bug is not merged into another.")
    if target.merged_into_id:
        detail = "The bug it was merged into is merged into another since. Undo that first."
        raise CannotUndo("merge_target_merged", detail)
    groups = [UUID(name) for name in done.before["groups"]]
    if ErrorGroup.objects.filter(pk__in=groups).exclude(bug=target).exists():
        raise CannotUndo("merge_groups_moved", "Its errors were moved to another bug since.")
    return _with_members(groups)


def _with_members(groups: list[UUID]) -> list[UUID]:
    """Groups of one head have one bug, so they come back together or not at all."""
    members = ErrorGroup.objects.filter(merged_into__in=groups).values_list("pk", flat=True)
    family = {*groups, *members}
    if ErrorGroup.objects.filter(pk__in=groups, merged_into__isnull=False).exclude(merged_into__in=family).exists():
        raise CannotUndo("merge_groups_moved", "Its errors stand behind those of another bug since.")
    return sorted(family)


def _state(bug: Bug) -> dict[str, Any]:
    times = {name: getattr(bug, name) for name in _TIMES}
    return {
        "status": bug.status,
        "resolution": bug.resolution,
        **{name: at.isoformat() if at else None for name, at in times.items()},
    }


def _restore(bug: Bug, before: dict[str, Any]) -> None:
    bug.status, bug.resolution, bug.merged_into = before["status"], before["resolution"], None
    for name in _TIMES:
        setattr(bug, name, datetime.fromisoformat(before[name]) if before[name] else None)


def _resolve(bug: Bug, now: datetime) -> None:
    """What is closed stays closed; all else is resolved, from wherever it was."""
    to = Status.CLOSED if bug.status == Status.CLOSED else Status.RESOLVED
    times = lifecycle.times_after(to, lifecycle.Times(bug.triaged_at, bug.resolved_at, bug.closed_at), now)
    bug.status, bug.resolution = to, Resolution.DUPLICATE
    bug.triaged_at, bug.resolved_at, bug.closed_at = times.triaged_at, times.resolved_at, times.closed_at


def _copy_watchers(source: Bug, target: Bug) -> list[int]:
    """Those who watch the target only because they watched the source."""
    there = set(Watcher.objects.filter(bug=target).values_list("user_id", flat=True))
    joined = sorted(set(Watcher.objects.filter(bug=source).values_list("user_id", flat=True)) - there)
    watchers.join(target.pk, *joined)
    return joined


def _move_groups(groups: list[UUID], old: Bug, new: Bug) -> None:
    if not groups:
        return
    ErrorGroup.objects.filter(pk__in=groups).update(bug=new)
    error_counts.recount((old.pk, new.pk))
    Bug.objects.filter(pk=new.pk).update(updated_at=timezone.now())
