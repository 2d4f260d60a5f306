"""Reads of how a bug stands to others: links from either end, and merges."""

from uuid import UUID

from audit.actors import Principal
from bugs import policy
from bugs.selectors import pieces
from bugs.selectors.pieces import Piece

MAX_RELATED = 200  # of one bug; it has at most half as many links

# relation says how the other bug stands to this one, seen from this one: this one `blocks` it, is `blocked_by` it.
_RELATED = """
    SELECT o.id, q.key || '-' || o.number AS reference, q.key AS project, o.title, o.status, o.severity,
           r.relation, r.link_id AS link, r.since
    FROM (
        SELECT target_id AS other, kind AS relation, id AS link_id, created_at AS since
        FROM bugs_buglink WHERE source_id = b.id
        UNION ALL
        SELECT source_id, CASE kind WHEN 'blocks' THEN 'blocked_by' WHEN 'causes' THEN 'caused_by'
               WHEN 'duplicates' THEN 'duplicated_by' ELSE kind END, id, created_at
        FROM bugs_buglink WHERE target_id = b.id
        UNION ALL
        SELECT target_id, 'merged_into', NULL, merged_at
        FROM bugs_merge WHERE source_id = b.id AND undone_at IS NULL
        UNION ALL
        SELECT source_id, 'merged_from', NULL, merged_at
        FROM bugs_merge WHERE target_id = b.id AND undone_at IS NULL
    ) r
    JOIN bugs_bug o ON o.id = r.other AND o.deleted_at IS NULL AND o.project_id = ANY(%s)
    JOIN bugs_project q ON q.id = o.project_id
    ORDER BY r.since DESC, o.id DESC, r.relation LIMIT %s
"""


def newest(principal: Principal, limit: int) -> Piece:
    """Related bugs that the principal may see, newest relation first."""
    return Piece(_RELATED, [list(policy.projects(principal, "bug.read")), limit])


def documents(bug_id: UUID, *, principal: Principal, limit: int) -> list[str]:
    """Related bugs that the principal may see as JSON texts, newest relation first.

    For callers who hold a bug that a gate let through.
    """
    return pieces.texts(bug_id, newest(principal, limit))
