"""The figures of single bugs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.db import connection
from django.utils import timezone

from bugs import intervals, rollups, sla
from bugs.selectors import pieces
from bugs.selectors.pieces import Piece

DAYS = 30
TOP = 10
# What a bug says of itself, beside it in the same statement.
_FACTS = """(
    SELECT row_to_json(f)::text FROM (
        SELECT b.project_id, p.time_zone, p.sla, b.severity, b.error_count, b.user_count, b.reopen_count,
               b.created_at, b.triaged_at, b.resolved_at, array_agg(g.id) FILTER (WHERE g.id IS NOT NULL) AS group_ids,
               min(g.first_seen_at) AS first_error_at, max(g.last_seen_at) AS last_error_at
        FROM bugs_errorgroup g WHERE g.bug_id = b.id
    ) f
)"""
_ERRORS = """
    SELECT wanted.bug_id, width_bucket(period, %(edges)s::timestamptz[]), environment, release, sum(count)::bigint
    FROM (
        SELECT group_id, period, environment, release, count FROM bugs_rollup
        WHERE group_id = ANY(%(groups)s::uuid[]) AND period >= %(start)s
        UNION ALL
        SELECT group_id, period, environment, release, amount FROM bugs_rollupdelta
        WHERE project_id = ANY(%(projects)s::uuid[]) AND measure = 'errors' AND period >= %(start)s
          AND group_id = ANY(%(groups)s::uuid[])
    ) kept JOIN unnest(%(groups)s::uuid[], %(bugs)s::uuid[]) AS wanted(group_id, bug_id) USING (group_id)
    GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0
"""
_TIMES = ("created_at", "triaged_at", "resolved_at", "first_error_at", "last_error_at")
Facts = dict[str, Any]
Count = tuple[int, str, str, int]  # of a day, environment and release


def facts() -> Piece:
    """What the figures of a bug are made from, as a JSON text."""
    return Piece(_FACTS)


def of_bug(bug_id: UUID, *, now: datetime | None = None) -> dict[str, Any]:
    """How one bug goes; for those who hold an id that a gate let through."""
    text = pieces.value(bug_id, facts())
    return of_bugs({bug_id: text}, now=now)[bug_id] if text else {}


def of_bugs(texts: Mapping[UUID, str], *, now: datetime | None = None) -> dict[UUID, dict[str, Any]]:
    """How several bugs go, from their facts and one statement a time zone among them."""
    now = now or timezone.now()
    known = {bug_id: _read(text) for bug_id, text in texts.items()}
    figures: dict[UUID, dict[str, Any]] = {}
    for zone in {row["time_zone"] for row in known.values()}:
        there = {bug_id: row for bug_id, row in known.items() if row["time_zone"] == zone}
        span = _days(zone, now)
        counts = _counts(there, span)
        figures |= {bug_id: _figures(row, _errors(span, counts.get(bug_id, [])), now) for bug_id, row in there.items()}
    return figures


def _read(text: str) -> Facts:
    row: Facts = orjson.loads(text)
    return row | {name: datetime.fromisoformat(row[name]) for name in _TIMES if row[name]}


def _figures(row: Facts, errors: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "error_count": row["error_count"],
        "user_count": row["user_count"],
        "first_error_at": row["first_error_at"],
        "last_error_at": row["last_error_at"],
        **errors,
        "age_seconds": _seconds(row["created_at"], row["resolved_at"] or now),
        "time_to_triage_seconds": _seconds(row["created_at"], row["triaged_at"]),
        "time_to_resolve_seconds": _seconds(row["created_at"], row["resolved_at"]),
        "reopen_count": row["reopen_count"],
        "sla": _sla(row, now),
    }


def _errors(span: intervals.Range, counts: Sequence[Count]) -> dict[str, Any]:
    """By day of the project's time zone, and the releases and environments of these days that have most."""
    per_day = [0] * len(span.edges)
    by: dict[str, dict[str, int]] = {"environment": {}, "release": {}}
    for place, environment, release, count in counts:
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


def _counts(known: Mapping[UUID, Facts], span: intervals.Range) -> dict[UUID, list[Count]]:
    pairs = [(group, bug_id) for bug_id, row in known.items() for group in row["group_ids"] or ()]
    if not pairs:
        return {}
    groups, bugs = zip(*pairs, strict=True)
    projects = list({row["project_id"] for row in known.values()})
    found: dict[UUID, list[Count]] = {}
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"edges": span.edges, "start": span.start, "groups": list(groups), "bugs": list(bugs)}
        cursor.execute(_ERRORS, values | {"projects": projects})
        for bug_id, *count in cursor.fetchall():
            found.setdefault(bug_id, []).append(tuple(count))
    return found


def _top(values: dict[str, int]) -> list[dict[str, Any]]:
    largest = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]
    return [{"value": value or None, "errors": count} for value, count in largest]


def _seconds(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else max(0, (end - start) // timedelta(seconds=1))


def _sla(row: Facts, now: datetime) -> dict[str, Any]:
    due = sla.due(row["sla"], row["severity"], row["created_at"])
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
