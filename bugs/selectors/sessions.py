"""Reads of sessions: one by its name, and lists that never look at more rows than a bound."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from audit import access
from audit.actors import Principal
from bugs import policy
from bugs.models import Session

SCAN_MAX = 10_000  # sessions that one page looks at in a project
SESSION_FIELDS = (
    *("id", "key", "user_key", "state", "environment", "release", "errors", "duration", "is_tracked"),
    *("started_at", "last_seen_at"),
)
Place = tuple[Any, UUID]
_LAST: Place = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))

# The newest sessions of a project, or of one release; what no index knows is compared on them alone.
_SCAN = """
    SELECT started_at, id FROM (
        SELECT started_at, id, state, environment, user_key FROM bugs_session
        WHERE {key} AND (started_at, id) {beyond} (%s, %s) ORDER BY started_at {order}, id {order} LIMIT {scan}
    ) s WHERE {rest} ORDER BY started_at {order}, id {order} LIMIT %s
"""
_END = """
    SELECT started_at, id FROM bugs_session WHERE {key} AND (started_at, id) {beyond} (%s, %s)
    ORDER BY started_at {order}, id {order} OFFSET {last} LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What sessions must be; what is empty does not matter."""

    release: str = ""
    state: str = ""
    environment: str = ""
    user_key: str = ""


def sessions_for(principal: Principal, project: str = "") -> QuerySet[Session, Any]:
    """The gate: sessions of projects whose errors this principal may read."""
    sessions = Session.objects.filter(project_id__in=policy.projects(principal, "error.read"))
    return sessions.filter(project__key=project) if project else sessions


def find_session(principal: Principal, name: str, project: str = "") -> dict[str, Any] | None:
    """A session by id, or by what its SDK calls it: the one seen last where several projects have one."""
    if "\x00" in name:  # no text of PostgreSQL's
        return None
    named = Q(key=name)
    if identifier := as_uuid(name):
        named |= Q(pk=identifier)
    sessions = sessions_for(principal, project).filter(named).order_by("-last_seen_at")
    found = sessions.annotate(project_key=F("project__key")).values("project_id", "project_key", *SESSION_FIELDS)
    row = found.first()
    if row:
        access.touched(row["project_id"], f"session:{row['id']}")
    return _shown(row) if row else None


def sessions_of(project_id: UUID, keys: Collection[str]) -> list[dict[str, Any]]:
    """Sessions of one project, which a gate let through, by what SDKs call them."""
    return list(Session.objects.filter(project_id=project_id, key__in=keys).values(*SESSION_FIELDS))


def find(
    projects: Collection[UUID], wanted: Wanted, *, start: Place | None = None, back: bool = False, limit: int
) -> tuple[list[Place], Place | None]:
    """Places, the newest first (going back, the oldest), and where it gave up when it did not look to the end."""
    places: list[Place] = []
    ends: list[Place] = []
    for project_id in projects:
        found, end = _of_project(project_id, wanted, start=start or _LAST, back=back, limit=limit)
        places += found
        ends += [end] if end else []
    places.sort(reverse=not back)
    if ends:  # beyond the first of the ends nobody knows what is missing
        end = min(ends) if back else max(ends)
        places = [place for place in places if (place <= end if back else place >= end)]
        return places[:limit], end if len(places) < limit else None
    return places[:limit], None


def documents_of(session_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Sessions that a gate let through, in the order of their ids."""
    rows = Session.objects.filter(pk__in=session_ids).annotate(project_key=F("project__key"))
    by_id = {row["id"]: row for row in rows.values("project_key", *SESSION_FIELDS)}
    return [_shown(by_id[session_id]) for session_id in session_ids if session_id in by_id]


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {"project": row.pop("project_key"), **row}


def _of_project(
    project_id: UUID, wanted: Wanted, *, start: Place, back: bool, limit: int
) -> tuple[list[Place], Place | None]:
    key, key_values = "project_id = %s", [project_id, *start]
    if wanted.release:
        key, key_values = "project_id = %s AND release = %s", [project_id, wanted.release, *start]
    compared = {each.name: getattr(wanted, each.name) for each in fields(wanted) if each.name != "release"}
    rest = {f"{name} = %s": value for name, value in compared.items() if value}
    parts = {"key": key, "beyond": ">" if back else "<", "order": "ASC" if back else "DESC"}
    scan = _SCAN.format(rest=" AND ".join(rest) or "true", scan=SCAN_MAX, **parts)
    with connection.cursor() as cursor:
        cursor.execute(scan, [*key_values, *rest.values(), limit])
        places: list[Place] = cursor.fetchall()
        if len(places) == limit or not rest:
            return places, None
        cursor.execute(_END.format(last=SCAN_MAX - 1, **parts), key_values)
        end: Place | None = cursor.fetchone()
    return places, end
