"""The figures of one bug."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.db import connection
from django.utils import timezone

from bugs import intervals, rollups, sla

DAYS = 30
TOP = 10
_BUG = """
    SELECT b.project_id, p.time_zone, p.sla, b.severity, b.status, b.error_count, b.user_count, b.reopen_count,
           b.created_at, b.triaged_at, b.resolved_at, b.closed_at,
           array(SELECT id FROM bugs_errorgroup WHERE bug_id = b.id) AS group_ids,
           (SELECT min(first_seen_at) FROM bugs_errorgroup WHERE bug_id = b.id) AS first_error_at,
           (SELECT max(last_seen_at) FROM bugs_errorgroup WHERE bug_id = b.id) AS last_error_at
    FROM bugs_bug b JOIN bugs_project p ON p.id = b.project_id WHERE b.id = %s
"""
_ERRORS = """
    SELECT width_bucket(period, %s::timestamptz[]), environment, release, sum(count)::bigint FROM (
        SELECT period, environment, release, count FROM bugs_rollup
        WHERE group_id = ANY(%s) AND period >= %s
        UNION ALL
        SELECT period, environment, release, amount FROM bugs_rollupdelta
        WHERE project_id = %s AND measure = 'errors' AND period >= %s AND group_id = ANY(%s)
    ) kept GROUP BY 1, 2, 3 HAVING sum(count) <> 0
"""


def of_bug(bug_id: UUID, *, now: datetime | None = None) -> dict[str, Any]:
    """How one bug goes, from two statements; for those who hold an id that a gate let through."""
    now = now or timezone.now()
    row = _row(bug_id)
    if not row:
        return {}
    return {
        "error_count": row["error_count"],
        "user_count": row["user_count"],
        "first_error_at": row["first_error_at"],
        "last_error_at": row["last_error_at"],
        **_errors(row, now),
        "age_seconds": _seconds(row["created_at"], row["resolved_at"] or now),
        "time_to_triage_seconds": _seconds(row["created_at"], row["triaged_at"]),
        "time_to_resolve_seconds": _seconds(row["created_at"], row["resolved_at"]),
        "reopen_count": row["reopen_count"],
        "sla": _sla(row, now),
    }


def _row(bug_id: UUID) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_BUG, [bug_id])
        found = cursor.fetchone()
        names = [column.name for column in cursor.description]
    return dict(zip(names, found, strict=True)) if found else {}


def _errors(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """By day of the project's time zone, and the releases and environments of these days that have most."""
    span = _days(row["time_zone"], now)
    per_day = [0] * len(span.edges)
    by: dict[str, dict[str, int]] = {"environment": {}, "release": {}}
    for place, environment, release, count in _counts(row, span.edges) if row["group_ids"] else ():
        per_day[place - 1] += count
        for name, value in (("environment", environment), ("release", release)):
            by[name][value or ""] = by[name].get(value or "", 0) + count
    days = [
        {"date": edge.astimezone(span.zone).date(), "count": count}
        for edge, count in zip(span.edges, per_day, strict=True)
    ]
    return {"errors_per_day": days, "by_release": _top(by["release"]), "by_environment": _top(by["environment"])}


def _days(zone: str, now: datetime) -> intervals.Range:
    place = ZoneInfo(zone)
    first = (now.astimezone(place) - timedelta(days=DAYS - 1)).date()
    return intervals.range_of(first.isoformat(), "now", "day", place, now)


def _counts(row: dict[str, Any], edges: list[datetime]) -> list[tuple[int, str, str, int]]:
    with connection.cursor() as cursor:
        groups = row["group_ids"]
        cursor.execute(_ERRORS, [edges, groups, edges[0], row["project_id"], edges[0], groups])
        found: list[tuple[int, str, str, int]] = cursor.fetchall()
    return found


def _top(values: dict[str, int]) -> list[dict[str, Any]]:
    largest = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]
    return [{"value": value or None, "errors": count} for value, count in largest]


def _seconds(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else max(0, (end - start) // timedelta(seconds=1))


def _sla(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    due = sla.due(orjson.loads(row["sla"]), row["severity"], row["created_at"])
    return {
        "triage": _target(due.triage_at, row[f"{rollups.TRIAGED}_at"], now),
        "resolve": _target(due.resolve_at, row[f"{rollups.RESOLVED}_at"], now),
    }


def _target(due_at: datetime | None, done_at: datetime | None, now: datetime) -> dict[str, Any] | None:
    """None where there is no target; `state` is met, breached or pending."""
    if due_at is None:
        return None
    if done_at is None:
        return {"due_at": due_at, "state": "breached" if now > due_at else "pending"}
    return {"due_at": due_at, "state": "met" if done_at <= due_at else "breached"}
