"""Which error reports a question is about: ids from indexes, newest first, never more rows looked at than a bound."""

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from audit import access
from audit.actors import Principal
from audit.identifiers import first_of
from bugs import policy
from bugs.models import ErrorReport, Project
from bugs.moments import NEWEST, OLDEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCAN_MAX = 10_000  # reports that one page looks at

# The newest rows of one key of an index; what the index does not know is compared on them, and only on them.
_SCAN = """
    SELECT id FROM (
        SELECT id, level, component, environment, release, occurred_at FROM bugs_errorreport
        WHERE {key} ORDER BY id {order} LIMIT {scan}
    ) r WHERE {rest} ORDER BY id {order} LIMIT %s
"""
_ROWS = """
    SELECT r.id, p.key, r.group_id, b.id, r.level, coalesce(g.title, r.message), r.message, r.component, r.environment,
        r.release, r.session_id, r.occurred_at, r.received_at
    FROM bugs_errorreport r JOIN bugs_project p ON p.id = r.project_id
    LEFT JOIN bugs_errorgroup g ON g.id = r.group_id
    LEFT JOIN bugs_bug b ON b.id = g.bug_id AND b.deleted_at IS NULL
    WHERE r.id = ANY(%s::uuid[])
"""
ROW_FIELDS = (
    *("id", "project", "group_id", "bug_id", "level", "title", "message", "component", "environment"),
    *("release", "session_id", "occurred_at", "received_at"),
)
_END = "SELECT id FROM bugs_errorreport WHERE {key} ORDER BY id {order} OFFSET {last} LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What reports must be; what is empty does not matter."""

    level: Collection[str] = ()
    component: str = ""
    environment: str = ""
    release: str = ""
    session: str = ""
    group: UUID | None = None
    occurred_after: datetime | None = None
    occurred_before: datetime | None = None


def projects_for(principal: Principal, key: str = "") -> list[UUID]:
    """The projects whose errors this principal may read; with a key that one, or none."""
    readable = list(policy.projects(principal, "error.read"))
    if not key:
        return readable
    return list(Project.objects.filter(pk__in=readable, key=key).values_list("pk", flat=True))


def find(
    projects: Collection[UUID], wanted: Wanted, *, start: UUID | None = None, back: bool = False, limit: int
) -> tuple[list[UUID], UUID | None]:
    """Ids in their order, and the id at which it gave up when it did not look to the end."""
    ids: list[UUID] = []
    ends: list[UUID] = []
    for project_id in projects:
        found, end = _of_project(project_id, wanted, start=start, back=back, limit=limit)
        ids += found
        ends += [end] if end else []
    ids.sort(reverse=not back)
    if ends:  # beyond the first of the ends nobody knows what is missing
        end = min(ends) if back else max(ends)
        ids = [found for found in ids if (found <= end if back else found >= end)]
        return ids[:limit], end if len(ids) < limit else None
    return ids[:limit], None


def rows_of(report_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Reports that a gate let through, by their ids, without their payloads: ROW_FIELDS."""
    if not report_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [list(report_ids)])
        return {row[0]: dict(zip(ROW_FIELDS, row, strict=True)) for row in cursor.fetchall()}


def exists(principal: Principal, report_id: UUID) -> bool:
    """Whether there is such a report that the principal may read."""
    return project_of(principal, report_id) is not None


def project_of(principal: Principal, report_id: UUID) -> UUID | None:
    """The project of a report that the principal may read; None when there is none."""
    rows = ErrorReport.objects.filter(pk=report_id, project_id__in=policy.projects(principal, "error.read"))
    project_id = rows.values_list("project_id", flat=True).first()
    if project_id:
        access.touched(project_id, f"error:{report_id}")
    return project_id


def _of_project(
    project_id: UUID, wanted: Wanted, *, start: UUID | None, back: bool, limit: int
) -> tuple[list[UUID], UUID | None]:
    key, key_values = _key(project_id, wanted, start, back)
    rest, rest_values = _rest(wanted)
    order = "ASC" if back else "DESC"
    with connection.cursor() as cursor:
        cursor.execute(_SCAN.format(key=key, rest=rest, order=order, scan=SCAN_MAX), [*key_values, *rest_values, limit])
        ids = [row[0] for row in cursor.fetchall()]
        if len(ids) == limit or not rest_values:
            return ids, None
        cursor.execute(_END.format(key=key, order=order, last=SCAN_MAX - 1), key_values)
        end = cursor.fetchone()
    return ids, end[0] if end else None


def _key(project_id: UUID, wanted: Wanted, start: UUID | None, back: bool) -> tuple[str, list[Any]]:
    """Conditions that an index answers; of times only the months, which ids begin with."""
    conditions: dict[str, Any] = {"project_id = %s": project_id}
    if wanted.group:
        conditions["group_id = %s"] = wanted.group
    if wanted.session:
        conditions["session_id <> '' AND session_id = %s"] = wanted.session
    if wanted.occurred_after:
        conditions["id >= %s"] = _first_of(wanted.occurred_after, -NEWEST)
    if wanted.occurred_before:
        conditions["id <= %s"] = _first_of(wanted.occurred_before, OLDEST)
    if start:
        conditions["id > %s" if back else "id < %s"] = start
    return " AND ".join(conditions), list(conditions.values())


def _first_of(moment: datetime, distance: timedelta) -> UUID:
    """Ids know no time before 1970, and there is none after the year 9999."""
    with contextlib.suppress(OverflowError):
        moment += distance
    return first_of(max(moment, _EPOCH))


def _rest(wanted: Wanted) -> tuple[str, list[Any]]:
    conditions: dict[str, Any] = {}
    if wanted.level:
        conditions["level = ANY(%s)"] = sorted(wanted.level)
    for name in ("component", "environment", "release"):
        if value := getattr(wanted, name):
            conditions[f"{name} = %s"] = value
    if wanted.occurred_after:
        conditions["occurred_at > %s"] = wanted.occurred_after
    if wanted.occurred_before:
        conditions["occurred_at < %s"] = wanted.occurred_before
    return " AND ".join(conditions) or "true", list(conditions.values())
