"""Reads of groups of errors, as JSON texts."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import ErrorGroup

Place = tuple[Any, UUID]

_DOCUMENTS = """
    SELECT row_to_json(t)::text FROM (
        SELECT g.id, p.key AS project, b.id AS bug_id, p.key || '-' || b.number AS bug, g.title, g.culprit, g.level,
               g.grouping, g.reports, g.users, g.first_seen_at, g.last_seen_at
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place)
        JOIN bugs_errorgroup g ON g.id = wanted.id
        JOIN bugs_project p ON p.id = g.project_id
        LEFT JOIN bugs_bug b ON b.id = g.bug_id AND b.deleted_at IS NULL
        ORDER BY wanted.place
    ) t
"""
# Each project by itself, in the order of its index; then the first of all of them.
_SEEN = """
    SELECT g.last_seen_at, g.id FROM unnest(%s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
        SELECT last_seen_at, id FROM bugs_errorgroup
        WHERE project_id = wanted.id AND (last_seen_at, id) {beyond} (%s, %s)
            AND (%s::text[] IS NULL OR level = ANY(%s))
        ORDER BY last_seen_at {order}, id {order} LIMIT %s
    ) g ORDER BY g.last_seen_at {order}, g.id {order} LIMIT %s
"""
_OLDER, _NEWER = _SEEN.format(beyond="<", order="DESC"), _SEEN.format(beyond=">", order="ASC")
_END: Place = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


def groups_for(principal: Principal) -> QuerySet[ErrorGroup]:
    """The gate: the groups whose errors this principal may read."""
    return ErrorGroup.objects.filter(project_id__in=policy.projects(principal, "error.read"))


def exists(principal: Principal, group_id: UUID) -> bool:
    return groups_for(principal).filter(pk=group_id).exists()


def find(
    projects: Collection[UUID],
    *,
    level: Collection[str] = (),
    start: Place | None = None,
    back: bool = False,
    limit: int,
) -> list[Place]:
    """Groups by when they were seen last, newest first; from a place on, or back from it."""
    levels = sorted(level) or None
    with connection.cursor() as cursor:
        values = [list(projects), *(start or _END), levels, levels, limit, limit]
        cursor.execute(_NEWER if back else _OLDER, values)
        found: list[Place] = cursor.fetchall()
    return found


def documents_of(group_ids: Sequence[UUID]) -> list[str]:
    """Groups as JSON texts in the order of their ids, which a gate let through."""
    if not group_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS, [list(group_ids)])
        return [row[0] for row in cursor.fetchall()]
