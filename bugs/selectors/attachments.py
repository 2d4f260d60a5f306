"""Reads of attachments: what is known of the files beside a bug."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import Attachment

_SHAPE = """
    SELECT row_to_json(t)::text FROM (
        SELECT a.id, a.name, a.content_type, a.size, a.sha256, u.username AS uploader, a.actor, a.created_at
        FROM {source} LEFT JOIN bugs_user u ON u.id = a.uploader_id
        ORDER BY {order}
    ) t
"""
_OF_IDS = _SHAPE.format(
    source="unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place) JOIN bugs_attachment a ON a.id = wanted.id",
    order="wanted.place",
)
_NEWEST = _SHAPE.format(
    source="""(
        SELECT * FROM bugs_attachment WHERE bug_id = %s AND deleted_at IS NULL
        ORDER BY created_at DESC, id DESC LIMIT %s
    ) a""",
    order="a.created_at DESC, a.id DESC",
)


def documents(bug_id: UUID, *, principal: Principal, limit: int) -> list[str]:
    """The newest attachments of a bug as JSON texts. For callers who hold a bug that a gate let through."""
    return _texts(_NEWEST, [bug_id, limit])


def documents_of(attachment_ids: Sequence[UUID]) -> list[str]:
    """Attachments as JSON texts in the order of their ids, which a gate let through."""
    return _texts(_OF_IDS, [list(attachment_ids)]) if attachment_ids else []


def visible(principal: Principal) -> QuerySet[Attachment]:
    """The gate: attachments of bugs that this principal may see."""
    projects = policy.projects(principal, "bug.read")
    return Attachment.objects.filter(deleted_at=None, bug__deleted_at=None, bug__project_id__in=projects)


def there(attachment_id: UUID) -> Attachment | None:
    """An attachment that is not deleted, nor is its bug; for doors where a signature is the gate."""
    return Attachment.objects.filter(pk=attachment_id, deleted_at=None, bug__deleted_at=None).first()


def is_kept(stored: str) -> bool:
    """Whether a row tells of the file that is stored under this name."""
    return Attachment.objects.filter(file=stored).exists()


def _texts(statement: str, values: list[Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
