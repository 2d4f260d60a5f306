"""Groups of errors and their bugs: filed once, counted after, opened again when a fix did not hold."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from audit.actors import SYSTEM
from bugs import events, lifecycle, services
from bugs.choices import BugType, Level, Severity
from bugs.ingest.digest import surroundings
from bugs.ingest.digest.batch import Group, happened_at
from bugs.ingest.reading.normalize import Report
from bugs.models import Bug, ErrorGroup
from bugs.services import indexing

_ADD = """
    UPDATE bugs_bug SET error_count = error_count + %s, user_count = user_count + %s,
        last_error_at = greatest(last_error_at, %s)
    WHERE id = %s RETURNING status, resolution, resolved_at
"""


def file(project_id: UUID, groups: list[Group], met: list[surroundings.Met]) -> None:
    """A bug for each group of errors that has none; the others count in the bug they have."""
    filed = {group.id for group in groups if group.bug_id is None and _file(project_id, group)}
    more = surroundings.new_to_bugs([pair for pair in met if pair[0] not in filed])
    _count(project_id, [group for group in groups if group.id not in filed], more)


def _file(project_id: UUID, group: Group) -> bool:
    """Whether the group has a bug now."""
    if group.worst.level in (Level.ERROR, Level.FATAL):
        group.bug_id = _file_bug(project_id, group).pk
        ErrorGroup.objects.filter(pk=group.id).update(bug_id=group.bug_id)
        indexing.reindex(group.bug_id)
    if group.is_new:
        events.group_created(_row(project_id, group), by=SYSTEM)
    return group.bug_id is not None


def _file_bug(project_id: UUID, group: Group) -> Bug:
    worst = group.worst
    is_crash = worst.level == Level.FATAL or not worst.is_handled
    return services.report(
        project_id=project_id,
        by=SYSTEM,
        title=group.identity.title,
        description=_description(worst, group.identity.culprit),
        bug_type=BugType.CRASH if is_crash else BugType.FUNCTIONAL,
        severity=Severity.HIGH if is_crash else Severity.MEDIUM,
        component=worst.component,
        environment=worst.environment,
        release=worst.release,
        path=(worst.top_frame or {}).get("filename") or "",
        error_level=worst.level,
        error_count=group.total,
        user_count=group.users,
        last_error_at=group.newest.occurred_at,
    )


def _description(report: Report, culprit: str) -> str:
    said = report.exception_value or report.message
    return "\n\n".join(part for part in (said, f"In {culprit}." if culprit else "") if part)


def _count(project_id: UUID, groups: Iterable[Group], users: dict[UUID, int]) -> None:
    """One more error of a known problem is a number, not news: no event, no new version. Bugs in the order of ids."""
    by_bug: dict[UUID, list[Group]] = defaultdict(list)
    for group in groups:
        if group.bug_id:
            by_bug[group.bug_id].append(group)
    for bug_id in sorted(by_bug):
        mine = by_bug[bug_id]
        newest = max(group.newest.occurred_at for group in mine)
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [sum(len(group.reports) for group in mine), users.get(bug_id, 0), newest, bug_id])
            status, resolution, resolved_at = cursor.fetchone()
        back = [group for group in mine if resolved_at and happened_at(group.newest) > resolved_at]
        if back and lifecycle.is_regression(status, resolution):
            _regress(project_id, bug_id, back)


def _regress(project_id: UUID, bug_id: UUID, groups: list[Group]) -> None:
    """An error that happened after its bug was resolved as fixed opens it again, whatever release it came from."""
    newest = max(groups, key=lambda group: happened_at(group.newest)).newest
    if services.regress(bug_id, by=SYSTEM, release=newest.release):
        for group in groups:
            events.group_regressed(_row(project_id, group), by=SYSTEM)


def _row(project_id: UUID, group: Group) -> ErrorGroup:
    return ErrorGroup(pk=group.id, project_id=project_id, bug_id=group.bug_id, level=group.worst.level)
