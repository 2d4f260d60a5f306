"""Groups of errors and their bugs: filed once, counted after, opened again when a fix did not hold."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from audit.actors import SYSTEM
from bugs import events, lifecycle, services
from bugs.ingest.digest import regressions, similar, surroundings
from bugs.ingest.digest.batch import Group, columns, happened_at
from bugs.models import Bug, ErrorGroup, Project
from bugs.services import error_counts, group_bugs, grouping, indexing

_LOCK = "SELECT id, status, resolution, resolved_at FROM bugs_bug WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_ADD = """
    UPDATE bugs_bug b SET error_count = b.error_count + t.reports, user_count = b.user_count + t.users,
        last_error_at = greatest(b.last_error_at, t.last)
    FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::timestamptz[]) AS t(id, reports, users, last) WHERE b.id = t.id
"""


def file(project: Project, batch: list[Group], met: list[surroundings.Met]) -> None:
    """A bug for each group that bears one and has none; the others count in the bug they have."""
    filed: set[UUID] = set()
    for group in batch:
        if group.bug_id is None and _file(project, group):
            filed |= _share(batch, group)
    more = surroundings.new_to_bugs([pair for pair in met if pair[0] not in filed])
    _count(project.pk, [group for group in batch if group.id not in filed], more)


def _file(project: Project, group: Group) -> bool:
    """Whether the group has a bug of its own now, one that has counted it already."""
    if group.is_new and _stands_behind(project, group):
        events.group_created(_row(project.pk, group), by=SYSTEM)
        return False
    if group_bugs.bears(project.bugs_from, group.worst.level):
        group.bug_id = _file_bug(project.pk, group).pk
        head = group.head_id or group.id
        joined = ErrorGroup.objects.filter(Q(pk=head) | Q(merged_into_id=head)).update(bug_id=group.bug_id)
        if joined > 1:
            error_counts.recount([group.bug_id])
        else:
            indexing.reindex(group.bug_id)
    if group.is_new:
        events.group_created(_row(project.pk, group), by=SYSTEM)
    return group.bug_id is not None


def _share(batch: list[Group], filed: Group) -> set[UUID]:
    """Those of the batch that stand with the group: its bug is theirs, and has counted them."""
    head = filed.head_id or filed.id
    family = [group for group in batch if head in (group.id, group.head_id)]
    for group in family:
        group.bug_id = filed.bug_id
    return {group.id for group in family}


def _stands_behind(project: Project, group: Group) -> bool:
    """Put a new group behind one whose stack is much alike, where the project wants that; whether it has a bug so."""
    found = similar.find(project.pk, group.identity) if project.attaches_similar else None
    similar.remember(project.pk, group.id, group.identity)
    head = grouping.attach(group.id, into=found.group_id, similarity=found.similarity, by=SYSTEM) if found else None
    if head is None:
        return False
    group.bug_id, group.head_id = head.bug_id, head.pk
    return group.bug_id is not None


def _file_bug(project_id: UUID, group: Group) -> Bug:
    worst, rule = group.worst, group.rule
    return group_bugs.of_error(
        project_id=project_id,
        title=group.identity.title,
        said=worst.exception_value or worst.message,
        culprit=group.identity.culprit,
        level=worst.level,
        is_handled=worst.is_handled,
        severity=rule.severity if rule else "",
        frames=worst.frames,
        component=(rule.component if rule else "") or worst.component,
        environment=worst.environment,
        release=worst.release,
        error_count=group.total,
        user_count=group.users,
        last_error_at=group.newest.occurred_at,
    )


def _count(project_id: UUID, groups: Iterable[Group], users: dict[UUID, int]) -> None:
    """One more error of a known problem is a number, not news: no event, no new version. Bugs in the order of ids."""
    by_bug: dict[UUID, list[Group]] = defaultdict(list)
    for group in groups:
        if group.bug_id:
            by_bug[group.bug_id].append(group)
    if not by_bug:
        return
    amounts = (
        (bug_id, sum(len(group.reports) for group in mine), users.get(bug_id, 0), _last_of(mine))
        for bug_id, mine in by_bug.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(by_bug)])
        states = cursor.fetchall()
        cursor.execute(_ADD, columns(amounts))
    for bug_id, status, resolution, resolved_at in states:
        if resolved_at and lifecycle.is_regression(status, resolution):
            back = [group for group in by_bug[bug_id] if regressions.is_back(project_id, group, resolved_at)]
            _regress(project_id, bug_id, back)


def _last_of(groups: Iterable[Group]) -> datetime:
    return max(group.newest.occurred_at for group in groups)


def _regress(project_id: UUID, bug_id: UUID, groups: list[Group]) -> None:
    """Errors that came back after their bug was resolved as fixed open it again."""
    if not groups:
        return
    newest = max(groups, key=lambda group: happened_at(group.newest)).newest
    if services.regress(bug_id, by=SYSTEM, release=newest.release):
        for group in groups:
            events.group_regressed(_row(project_id, group), by=SYSTEM)


def _row(project_id: UUID, group: Group) -> ErrorGroup:
    return ErrorGroup(pk=group.id, project_id=project_id, bug_id=group.bug_id, level=group.worst.level)
