"""Reads of comments: internal ones exist only for those who may read them."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import Comment, CommentEdit
from bugs.selectors import pieces
from bugs.selectors.pieces import Piece

_ROWS = """
    SELECT c.id, c.body, c.is_internal, u.username AS author, c.actor, c.version, c.created_at, c.edited_at
    FROM {source} LEFT JOIN bugs_user u ON u.id = c.author_id ORDER BY {order}
"""
_OF_IDS = _ROWS.format(
    source="unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place) JOIN bugs_comment c ON c.id = wanted.id",
    order="wanted.place",
)
_NEWEST = _ROWS.format(
    source="""(
        SELECT * FROM bugs_comment
        WHERE bug_id = b.id AND deleted_at IS NULL AND (NOT is_internal OR b.project_id = ANY(%s))
        ORDER BY created_at DESC, id DESC LIMIT %s
    ) c""",
    order="c.created_at DESC, c.id DESC",
)


def newest(principal: Principal, limit: int) -> Piece:
    """The newest comments of a bug that this principal may see."""
    return Piece(_NEWEST, [list(policy.projects(principal, "comment.read_internal")), limit])


def documents(bug_id: UUID, *, principal: Principal, limit: int) -> list[str]:
    """The newest comments of a bug as JSON texts. For callers who hold a bug that a gate let through."""
    return pieces.texts(bug_id, newest(principal, limit))


def documents_of(comment_ids: Sequence[UUID]) -> list[str]:
    """Comments as JSON texts in the order of their ids, which a gate let through."""
    return pieces.texts_of_rows(_OF_IDS, [list(comment_ids)]) if comment_ids else []


def visible(principal: Principal) -> QuerySet[Comment]:
    """The gate: comments of bugs that this principal may see, internal ones where they may read those."""
    internal = Q(is_internal=False) | Q(bug__project_id__in=policy.projects(principal, "comment.read_internal"))
    return Comment.objects.filter(
        internal,
        deleted_at=None,
        bug__deleted_at=None,
        bug__project_id__in=policy.projects(principal, "bug.read"),
    )


def edits_of(comment_id: UUID) -> QuerySet[CommentEdit]:
    """What a comment said before, which a gate let through."""
    return CommentEdit.objects.filter(comment_id=comment_id)
