"""Reports become rows: each counted once, each in a group, each group of errors with a bug."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import zstandard
from django.db import connection, transaction
from django.db.models import F

from audit.actors import SYSTEM
from audit.identifiers import uuid7
from bugs import events, services
from bugs.choices import BugType, Level, Severity
from bugs.ingest import grouping
from bugs.ingest.normalize import Report
from bugs.models import Bug, ErrorGroup, ErrorReport

ACCEPTED, DUPLICATE = "accepted", "duplicate"
_local = threading.local()

_SEE = """
    INSERT INTO bugs_seenevent (project_id, event_id, seen_at)
    SELECT %s, event_id, now() FROM unnest(%s::uuid[]) AS event_id
    ON CONFLICT DO NOTHING RETURNING event_id
"""
_COUNT = """
    INSERT INTO bugs_errorgroup AS g
        (id, project_id, fingerprint, grouping, title, culprit, level, reports, first_seen_at, last_seen_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (project_id, fingerprint) DO UPDATE SET
        reports = g.reports + excluded.reports,
        first_seen_at = least(g.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(g.last_seen_at, excluded.last_seen_at)
    RETURNING id, bug_id, (xmax = 0) AS is_new
"""


@dataclass(slots=True)
class _Group:
    """The reports of one batch that belong to one group, and what the database says of it."""

    identity: grouping.Grouping
    reports: list[Report] = field(default_factory=list)
    id: UUID = field(default_factory=uuid7)
    bug_id: UUID | None = None
    is_new: bool = False

    @property
    def worst(self) -> Report:
        """What the group's bug is made from: fatal before error, unhandled before handled."""
        order = list(Level.values)
        return min(self.reports, key=lambda report: (order.index(report.level), report.is_handled))


@transaction.atomic
def accept(project_id: UUID, reports: Sequence[Report]) -> list[str]:
    """Write a batch; one outcome for each report, ACCEPTED or DUPLICATE, in their order.

    Every batch locks in one order, so none waits in a circle: event ids, groups by fingerprint, the project,
    bugs by id.
    """
    unseen = _see(project_id, [report.event_id for report in reports])
    fresh = {report.event_id: report for report in reversed(reports) if report.event_id in unseen}
    groups = _by_fingerprint(list(fresh.values()))
    for group in groups:
        _count(project_id, group)
    _keep(project_id, groups)
    _count_in_bugs(_file_bugs(project_id, groups))
    firsts = {id(report) for report in fresh.values()}
    return [ACCEPTED if id(report) in firsts else DUPLICATE for report in reports]


def _see(project_id: UUID, event_ids: list[UUID]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_SEE, [project_id, sorted(set(event_ids))])
        return {row[0] for row in cursor.fetchall()}


def _by_fingerprint(reports: list[Report]) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for report in reports:
        identity = grouping.group(report)
        groups.setdefault(identity.fingerprint, _Group(identity)).reports.append(report)
    return [groups[fingerprint] for fingerprint in sorted(groups)]


def _count(project_id: UUID, group: _Group) -> None:
    moments = [report.occurred_at for report in group.reports]
    who = group.identity
    identity: list[Any] = [group.id, project_id, who.fingerprint, who.reason, who.title, who.culprit]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [*identity, group.worst.level, len(moments), min(moments), max(moments)])
        group.id, group.bug_id, group.is_new = cursor.fetchone()


def _keep(project_id: UUID, groups: list[_Group]) -> None:
    ErrorReport.objects.bulk_create(
        ErrorReport(
            project_id=project_id,
            group_id=group.id,
            payload=_packed(report),
            **{name: getattr(report, name) for name in _COLUMNS},
        )
        for group in groups
        for report in group.reports
    )


_COLUMNS = (
    "event_id",
    "occurred_at",
    "received_at",
    "level",
    "message",
    "component",
    "environment",
    "release",
    "session_id",
)


def _file_bugs(project_id: UUID, groups: list[_Group]) -> list[_Group]:
    """A bug for each group of errors that has none; returns the groups that had one."""
    for group in groups:
        if group.bug_id is None and group.worst.level in (Level.ERROR, Level.FATAL):
            bug = _file_bug(project_id, group)
            ErrorGroup.objects.filter(pk=group.id).update(bug=bug)
            _say(project_id, group, bug.pk)
        elif group.is_new:
            _say(project_id, group, None)
    return [group for group in groups if group.bug_id]


def _file_bug(project_id: UUID, group: _Group) -> Bug:
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
        error_level=worst.level,
        error_count=len(group.reports),
    )


def _description(report: Report, culprit: str) -> str:
    said = report.exception_value or report.message
    return "\n\n".join(part for part in (said, f"In {culprit}." if culprit else "") if part)


def _say(project_id: UUID, group: _Group, bug_id: UUID | None) -> None:
    if group.is_new:
        row = ErrorGroup(pk=group.id, project_id=project_id, bug_id=bug_id, level=group.worst.level)
        events.group_created(row, by=SYSTEM)


def _count_in_bugs(groups: list[_Group]) -> None:
    """One more error of a known problem is a number, not news: no event, no new version."""
    more: dict[UUID, int] = defaultdict(int)
    for group in groups:
        if group.bug_id:
            more[group.bug_id] += len(group.reports)
    for bug_id in sorted(more):
        Bug.objects.filter(pk=bug_id).update(error_count=F("error_count") + more[bug_id])


def _packed(report: Report) -> bytes:
    """Compressors are not to be shared between threads."""
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=3)
    packed: bytes = _local.compressor.compress(orjson.dumps(report.as_payload()))
    return packed
