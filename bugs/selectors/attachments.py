"""Reads of attachments: what is known of the files beside a bug."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import Attachment
from bugs.selectors import pieces
from bugs.selectors.pieces import Piece

_ROWS = """
    SELECT a.id, a.name, a.content_type, a.size, a.sha256, u.username AS uploader, a.actor, a.created_at
    FROM {source} LEFT JOIN bugs_user u ON u.id = a.uploader_id ORDER BY {order}
"""
_OF_IDS = _ROWS.format(
    source="unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place) JOIN bugs_attachment a ON a.id = wanted.id",
    order="wanted.place",
)
_NEWEST = _ROWS.format(
    source="""(
        SELECT * FROM bugs_attachment WHERE bug_id = b.id AND deleted_at IS NULL
        ORDER BY created_at DESC, id DESC LIMIT %s
    ) a""",
    order="a.created_at DESC, a.id DESC",
)


def newest(principal: Principal, limit: int) -> Piece:
    """The newest attachments of a bug."""
    return Piece(_NEWEST, [limit])


def documents_of(attachment_ids: Sequence[UUID]) -> list[str]:
    """Attachments as JSON texts in the order of their ids, which a gate let through."""
    return pieces.texts_of_rows(_OF_IDS, [list(attachment_ids)]) if attachment_ids else []


def visible(principal: Principal) -> QuerySet[Attachment]:
    """The gate: attachments of bugs that this principal may see."""
    projects = policy.projects(principal, "bug.read")
    return Attachment.objects.filter(deleted_at=None, bug__deleted_at=None, bug__project_id__in=projects)


def seen_by(principal: Principal, attachment_id: UUID) -> Attachment | None:
    """An attachment that the principal may see, with its bug."""
    return visible(principal).select_related("bug").filter(pk=attachment_id).first()


def is_kept(stored: str) -> bool:
    """Whether a row tells of the file that is stored under this name."""
    return Attachment.objects.filter(file=stored).exists()
