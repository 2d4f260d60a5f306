"""Reads for grouping stored reports anew: the next of them, and how far it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from audit.identifiers import first_of
from bugs import moments
from bugs.models import ErrorGroup, ErrorReport, GroupFrame, Regrouping
from bugs.selectors import reports

CATCHING_UP = timedelta(hours=1)  # for so long after it was asked for, reports that came meanwhile are looked at too
GROUPS = 500  # of a chunk
_COLUMNS = ("group_id", "occurred_at", "level", "component", "environment", "release")

# Of a group and those behind it, the newest of each together.
_STATE = """
    SELECT CASE WHEN count(*) = 0 THEN 'null' ELSE json_build_object(
        'state', CASE
            WHEN bool_or(finished_at IS NULL AND is_moving) THEN 'moving'
            WHEN bool_or(finished_at IS NULL AND epoch > 0) THEN 'looking'
            WHEN bool_or(finished_at IS NULL) THEN 'waiting'
            WHEN bool_or(reason <> '') THEN 'failed' ELSE 'done' END,
        'reason', max(reason), 'looked_at', sum(looked_at), 'moved', sum(moved), 'requested_at', max(requested_at),
        'finished_at', CASE WHEN bool_and(finished_at IS NOT NULL) THEN max(finished_at) END
    )::text END
    FROM (
        SELECT DISTINCT ON (r.group_id) r.* FROM bugs_errorgroup g JOIN bugs_regrouping r ON r.group_id = g.id
        WHERE g.id = %s OR g.merged_into_id = %s ORDER BY r.group_id, r.id DESC
    ) newest
"""


def text_of(group_id: UUID) -> str:
    """How grouping the reports of a group anew went or goes, as a JSON text; null when nobody asked for it."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [group_id, group_id])
        text: str = cursor.fetchone()[0]
    return text


def next_reports(work: Regrouping, limit: int) -> list[UUID]:
    """The oldest reports of the group that were not looked at yet."""
    began = ErrorGroup.objects.values_list("first_seen_at", flat=True).get(pk=work.group_id)
    group = reports.Groups(work.project_id, [work.group_id], began)
    start = work.after or first_of(began - moments.NEWEST)
    found = reports.newest_of(group, limit=limit, start=start, back=True)
    end = first_of(min(work.requested_at + CATCHING_UP, timezone.now() + moments.NEWEST))
    return [report_id for report_id in found if report_id < end]


def groups_in_chunks(project_id: UUID, *, older_than: str) -> Iterator[list[UUID]]:
    """The groups of a project that another version of the rules made; all without a version."""
    found = ErrorGroup.objects.filter(project_id=project_id).order_by("pk")
    if older_than:
        found = found.exclude(grouping__startswith=f"{older_than}:")
    last = UUID(int=0)
    while ids := list(found.filter(pk__gt=last).values_list("pk", flat=True)[:GROUPS]):
        yield ids
        last = ids[-1]


def columns_of(report_ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """What counts of groups are made of, by report."""
    rows = ErrorReport.objects.filter(pk__in=report_ids).values("id", *_COLUMNS)
    return {row["id"]: dict(row) for row in rows}


def has_frames(group_id: UUID) -> bool:
    """Whether similar stacks find this group."""
    return GroupFrame.objects.filter(group_id=group_id).exists()
