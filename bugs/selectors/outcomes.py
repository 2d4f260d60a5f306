"""What became of what was sent: counted by kind and hour, exact at once, and told of single events."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from audit.actors import Principal
from bugs.models import Bug
from bugs.selectors import errors, reports

WAITING_MAX = 100_000  # envelopes that are counted
TIMES_MAX = 1_000  # how often one event is counted
GROUPS = ("hour", "day")

_COUNTS = "SELECT hour, category, outcome, reason, quantity FROM {table} WHERE {where}"
_WHERE = "project_id = ANY(%s::uuid[]) AND hour >= %s AND hour < %s"
_TOTALS, _DELTAS = (_COUNTS.format(table=table, where=_WHERE) for table in ("bugs_outcometotal", "bugs_outcomedelta"))
# One statement, so one snapshot: what is folded meanwhile is counted once.
_SUMS = f"""
    SELECT date_trunc(%s, hour, 'UTC'), category, outcome, reason, sum(quantity)::bigint
    FROM ({_TOTALS} UNION ALL {_DELTAS}) counts GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT NULL, '', is_set_aside::text, '', count(*) FROM (
        SELECT leased_until IS NOT DISTINCT FROM 'infinity' AS is_set_aside
        FROM bugs_arrival WHERE project_id = ANY(%s::uuid[]) LIMIT %s
    ) waiting GROUP BY is_set_aside
"""  # noqa: S608 - names of ours
_WAITS = """
    SELECT project_id, received_at, leased_until IS NOT DISTINCT FROM 'infinity'
    FROM bugs_arrival WHERE project_id = ANY(%s::uuid[]) AND event_id = %s
"""
_SEEN = """
    SELECT s.project_id, s.seen_at, s.report_id, f.id, coalesce(g.bug_id, f.bug_id)
    FROM bugs_seenevent s
    LEFT JOIN bugs_feedback f ON f.id = s.report_id
    LEFT JOIN bugs_errorreport r ON r.id = s.report_id
    LEFT JOIN bugs_errorgroup g ON g.id = r.group_id
    WHERE s.project_id = ANY(%s::uuid[]) AND s.event_id = %s
"""
_REFUSED = """
    SELECT project_id, outcome, reason, at FROM bugs_refusedevent
    WHERE project_id = ANY(%s::uuid[]) AND event_id = %s ORDER BY id DESC LIMIT %s
"""


class Ambiguous(LookupError):
    """Several projects have an event of that id."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many items of a kind met a fate in the hour or the day that begins at that moment."""

    at: datetime
    category: str
    outcome: str
    reason: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Sums:
    """waiting: envelopes that are not read yet, up to WAITING_MAX; set_aside: those of them that nobody could read."""

    rows: list[Sum]
    waiting: int
    set_aside: int


def sums(project_ids: Collection[UUID], start: datetime, end: datetime, group_by: str) -> Sums:
    """All counts of the projects between two full hours; group_by: one of GROUPS."""
    projects, span = list(project_ids), [start, end]
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [group_by, projects, *span, projects, *span, projects, WAITING_MAX])
        rows = cursor.fetchall()
    waits = {row[2]: row[4] for row in rows if row[0] is None}
    return Sums([Sum(*row) for row in rows if row[0]], sum(waits.values()), waits.get("true", 0))


def of_event(principal: Principal, event_id: UUID, project: str = "") -> dict[str, Any] | None:
    """What became of an event that the principal may read of; None when nothing is known. Raises Ambiguous."""
    wanted = [errors.projects_for(principal, project), event_id]
    waits = _rows(_WAITS, [*wanted])  # first: what is read meanwhile is found where it went
    seen = _rows(_SEEN, [*wanted])
    refused = _rows(_REFUSED, [*wanted, TIMES_MAX])
    projects = {row[0] for row in (*seen, *waits, *refused)}
    if len(projects) > 1:
        raise Ambiguous
    told: dict[str, Any] = {"event_id": event_id, **_NOTHING}
    if seen:
        again = sum(row[1] == "deduplicated" for row in refused)
        return {**told, "outcome": "accepted", "at": seen[0][1], "times_seen": 1 + again, **_kept(*seen[0])}
    if waits:
        project_id, at, is_set_aside = waits[0]
        is_so = {"outcome": "pending", "reason": "set_aside" if is_set_aside else "", "at": at}
        return {**told, **_of(project_id), **is_so, "times_seen": len(waits)}
    if refused:
        project_id, outcome, reason, at = refused[0]
        is_so = {"outcome": outcome, "reason": reason, "at": at, "times_seen": len(refused)}
        return {**told, **_of(project_id), **is_so}
    return None


def references(bug_ids: Collection[UUID]) -> dict[UUID, str]:
    """What bugs are called that a gate let through; a deleted one has no name."""
    rows = Bug.objects.filter(pk__in=bug_ids, deleted_at=None).values_list("pk", "project__key", "number")
    return {bug_id: f"{key}-{number}" for bug_id, key, number in rows}


_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("id", "group_id", "bug", "feedback_id")),
    "reason": "",
    "errors": [],
    "redacted": [],
}


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _of(project_id: UUID) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM bugs_project WHERE id = %s", [project_id])
        return {"project": cursor.fetchone()[0]}


def _kept(project_id: UUID, _: datetime, row_id: UUID | None, feedback_id: UUID | None, bug_id: UUID | None) -> Any:
    """Where it is; a report that was kept longer than the project wants is gone, and its counts stay."""
    bug = references([bug_id]).get(bug_id) if bug_id else None
    place = {**_of(project_id), "bug": bug, "feedback_id": feedback_id}
    text = reports.documents_by_id([row_id]).get(row_id) if row_id and not feedback_id else None
    if text is None:
        return place
    report = orjson.loads(text)
    meta = report.get("meta", {})
    dropped = {"errors": meta.get("errors", []), "redacted": meta.get("redacted", [])}
    return {**place, "id": row_id, "group_id": report["group_id"], **dropped}
