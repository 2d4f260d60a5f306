"""Patterns: groups of errors with what a range of time says of them, from the counts that ingest keeps."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from bugs import patterns
from bugs.choices import Status
from bugs.models import ErrorGroup
from bugs.selectors import groups

CANDIDATES_MAX = 1_000  # groups seen in the range, those seen last
ORDERINGS = ("count", "users", "recent", "trend")
_OVER = [Status.RESOLVED.value, Status.CLOSED.value]

# Groups that stand behind another are counted there. Differences are few, so their groups are looked up one by one.
_FIND = """
    WITH seen AS MATERIALIZED (
        SELECT g.* FROM unnest(%(projects)s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
            SELECT id, bug_id, level, users, reports, first_seen_at, last_seen_at FROM bugs_errorgroup
            WHERE project_id = wanted.id AND merged_into_id IS NULL AND last_seen_at >= %(start)s
            ORDER BY last_seen_at DESC, id DESC LIMIT %(most)s
        ) g ORDER BY g.last_seen_at DESC, g.id DESC LIMIT %(most)s
    ), fresh AS MATERIALIZED (
        SELECT coalesce(h.merged_into_id, d.group_id) AS group_id, sum(d.current) AS current,
               sum(d.previous) AS previous
        FROM (
            SELECT group_id, sum(amount) FILTER (WHERE period >= %(start)s) AS current,
                   sum(amount) FILTER (WHERE period < %(start)s) AS previous
            FROM bugs_rollupdelta
            WHERE project_id = ANY(%(projects)s) AND measure = 'errors'
                AND period >= %(before)s AND period < %(end)s{where}
            GROUP BY 1
        ) d LEFT JOIN bugs_errorgroup h ON h.id = d.group_id GROUP BY 1
    )
    SELECT g.id, {users}, g.last_seen_at, g.level, b.status,
           (coalesce(kept.current, 0) + coalesce(fresh.current, 0))::bigint,
           (coalesce(kept.previous, 0) + coalesce(fresh.previous, 0))::bigint
    FROM seen g {distinct}
    CROSS JOIN LATERAL (
        SELECT sum(r.count) FILTER (WHERE period >= %(start)s) AS current,
               sum(r.count) FILTER (WHERE period < %(start)s) AS previous
        FROM (
            SELECT g.id UNION ALL SELECT m.id FROM bugs_errorgroup m WHERE m.merged_into_id = g.id
        ) mine(id) JOIN bugs_rollup r ON r.group_id = mine.id AND period >= %(before)s AND period < %(end)s{where}
    ) kept
    LEFT JOIN fresh ON fresh.group_id = g.id
    LEFT JOIN bugs_bug b ON b.id = g.bug_id AND b.deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which patterns: of a range, with the range of the same length before it to compare with.

    by_users: whether users are counted: of a thousand groups those are many, and only one order needs them.
    """

    projects: Collection[UUID]
    before: datetime
    start: datetime
    end: datetime
    level: Collection[str] = ()
    environment: str = ""
    release: str = ""
    min_occurrences: int = 1
    include_resolved: bool = False
    by_users: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """One group, with those behind it, and how often it happened in the range and in the one before."""

    id: UUID
    users: int
    last_seen_at: datetime
    current: int
    previous: int


def find(asked: Asked) -> tuple[list[Counted], bool]:
    """Patterns of the range in no order, and whether all groups were looked at."""
    where, values = "", {}
    for name in ("environment", "release"):
        if value := getattr(asked, name):
            where += f" AND {name} = %({name})s"
            values[name] = value
    users, distinct = ("u.users", groups.TOTALS + groups.USERS) if asked.by_users else ("0", "")
    find = _FIND.format(where=where, users=users, distinct=distinct)
    span: dict[str, Any] = {"start": asked.start, "before": asked.before, "end": asked.end, "most": CANDIDATES_MAX + 1}
    with connection.cursor() as cursor:
        cursor.execute(find, {"projects": list(asked.projects), **span, **values})
        rows = cursor.fetchall()
    wanted = [
        Counted(group_id, users, last_seen_at, current, previous)
        for group_id, users, last_seen_at, level, status, current, previous in rows[:CANDIDATES_MAX]
        if current >= asked.min_occurrences
        and (not asked.level or level in asked.level)
        and (asked.include_resolved or status not in _OVER)
    ]
    return wanted, len(rows) <= CANDIDATES_MAX


def ordered(found: Collection[Counted], ordering: str) -> list[tuple[Any, Counted]]:
    """With the value that each stands by, the largest first; of equals the newest group."""
    values: list[tuple[Any, Counted]] = [(_value(one, ordering), one) for one in found]
    return sorted(values, key=lambda pair: (pair[0], pair[1].id), reverse=True)


def _value(one: Counted, ordering: str) -> Any:
    if ordering == "trend":
        return round(patterns.score(one.current, one.previous), 6)
    return {"count": one.current, "users": one.users, "recent": one.last_seen_at}[ordering]


def described(found: Collection[Counted], *, start: datetime) -> list[dict[str, Any]]:
    """What a list shows of patterns, in their order."""
    ids = [one.id for one in found]
    rows = {row["id"]: row for row in _rows(ids)}
    totals = groups.totals_of(ids)
    return [_described({**rows[one.id], **totals[one.id]}, one, start) for one in found if one.id in rows]


def _rows(group_ids: Collection[UUID]) -> list[dict[str, Any]]:
    found = ErrorGroup.objects.filter(pk__in=group_ids)
    columns = ("id", "title", "culprit", "level", "spiking_since")
    names = {
        "project_key": F("project__key"),
        "number": F("bug__number"),
        "bug_status": F("bug__status"),
        "deleted_at": F("bug__deleted_at"),
        "assignee_id": F("bug__assignee_id"),
    }
    lists = {"releases": F("context__error_release"), "environments": F("context__error_environment")}
    return list(found.values(*columns, **names, **lists))


def _described(row: dict[str, Any], one: Counted, start: datetime) -> dict[str, Any]:
    key, number = row.pop("project_key"), row.pop("number")
    deleted_at, status, assignee_id = row.pop("deleted_at"), row.pop("bug_status"), row.pop("assignee_id")
    has_bug = number is not None and deleted_at is None
    is_new = patterns.is_new(row["first_seen_at"], start)
    return {
        **row,
        "releases": row["releases"] or [],
        "environments": row["environments"] or [],
        "project": key,
        "bug": f"{key}-{number}" if has_bug else None,
        "bug_status": status if has_bug else None,
        "is_assigned": has_bug and assignee_id is not None,
        "count": one.current,
        "trend": patterns.trend(one.current, one.previous, is_new=is_new),
    }
