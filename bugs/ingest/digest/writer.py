"""Reports become rows: each counted once, each in a group, each group of errors with a bug."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from bugs.ingest.digest import filing, packing, surroundings, terms
from bugs.ingest.digest.batch import Group, by_fingerprint
from bugs.ingest.reading.normalize import Report
from bugs.models import ErrorReport
from bugs.services import counting

ACCEPTED, DUPLICATE = "accepted", "duplicate"

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
    RETURNING id, bug_id, (xmax = 0) AS is_new, reports, users, context::text
"""


@transaction.atomic
def accept(project_id: UUID, reports: Sequence[Report]) -> list[str]:
    """Write a batch; one outcome for each report, ACCEPTED or DUPLICATE, in their order.

    Every batch locks in one order, so none waits in a circle: event ids, groups by fingerprint, sessions, releases,
    the project, bugs by id.
    """
    unseen = _see(project_id, [report.event_id for report in reports])
    fresh = {report.event_id: report for report in reversed(reports) if report.event_id in unseen}
    for report in fresh.values():
        report.user_key = surroundings.user_key(project_id, report.user)
    groups = by_fingerprint(list(fresh.values()))
    for group in groups:
        _count(project_id, group)
    counting.errors(project_id, _keep(project_id, groups))
    terms.keep(groups)
    met = surroundings.meet(groups)
    surroundings.visit(project_id, fresh.values())
    surroundings.ship(project_id, fresh.values())
    filing.file(project_id, groups, met)
    firsts = {id(report) for report in fresh.values()}
    return [ACCEPTED if id(report) in firsts else DUPLICATE for report in reports]


def _see(project_id: UUID, event_ids: list[UUID]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_SEE, [project_id, sorted(set(event_ids))])
        return {row[0] for row in cursor.fetchall()}


def _count(project_id: UUID, group: Group) -> None:
    moments = [report.occurred_at for report in group.reports]
    who = group.identity
    identity: list[Any] = [group.id, project_id, who.fingerprint, who.reason, who.title, who.culprit]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [*identity, group.worst.level, len(moments), min(moments), max(moments)])
        group.id, group.bug_id, group.is_new, group.total, group.users, context = cursor.fetchone()
    group.context = orjson.loads(context)


def _keep(project_id: UUID, groups: list[Group]) -> list[ErrorReport]:
    rows = [
        ErrorReport(
            project_id=project_id,
            group_id=group.id,
            payload=packing.pack(project_id, orjson.dumps(report.as_payload())),
            **{name: getattr(report, name) for name in _COLUMNS},
        )
        for group in groups
        for report in group.reports
    ]
    return ErrorReport.objects.bulk_create(rows)


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
