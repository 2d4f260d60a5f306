"""Reads of how a bug stands to others: links from either end, and merges."""

from typing import Any
from uuid import UUID

from django.db import connection

from audit.actors import Principal
from bugs import policy

MAX_RELATED = 200  # of one bug; it has at most half as many links

# relation says how the other bug stands to this one, seen from this one: this one `blocks` it, is `blocked_by` it.
_RELATED = """
    SELECT row_to_json(t)::text FROM (
        SELECT b.id, p.key || '-' || b.number AS reference, p.key AS project, b.title, b.status, b.severity,
               r.relation, r.link_id AS link, r.since
        FROM (
            SELECT target_id AS other, kind AS relation, id AS link_id, created_at AS since
            FROM bugs_buglink WHERE source_id = %(bug)s
            UNION ALL
            SELECT source_id, CASE kind WHEN 'blocks' THEN 'blocked_by' WHEN 'causes' THEN 'caused_by'
                   WHEN 'duplicates' THEN 'duplicated_by' ELSE kind END, id, created_at
            FROM bugs_buglink WHERE target_id = %(bug)s
            UNION ALL
            SELECT target_id, 'merged_into', NULL, merged_at
            FROM bugs_merge WHERE source_id = %(bug)s AND undone_at IS NULL
            UNION ALL
            SELECT source_id, 'merged_from', NULL, merged_at
            FROM bugs_merge WHERE target_id = %(bug)s AND undone_at IS NULL
        ) r
        JOIN bugs_bug b ON b.id = r.other AND b.deleted_at IS NULL AND b.project_id = ANY(%(projects)s)
        JOIN bugs_project p ON p.id = b.project_id
        ORDER BY r.since DESC, b.id DESC, r.relation LIMIT %(limit)s
    ) t
"""


def documents(bug_id: UUID, *, principal: Principal, limit: int) -> list[str]:
    """Related bugs that the principal may see as JSON texts, newest relation first.

    For callers who hold a bug that a gate let through.
    """
    values: dict[str, Any] = {"bug": bug_id, "projects": list(policy.projects(principal, "bug.read")), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_RELATED, values)
        return [row[0] for row in cursor.fetchall()]
