"""Texts as they were written, over REST: for those who may read personal data, and each reading is on record."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from bugs import policy
from bugs.views.conventions import domain_errors

DESCRIPTION = (
    "With what redaction took out of it. It needs the permission `pii` and a role that may; who read it is recorded "
    "before the answer is sent."
)


def answer(
    request: Request, *, project_id: UUID, target: str, document: Callable[[UUID], dict[str, Any]], row: UUID
) -> Response:
    """The document of a row that a gate let through. The record of it names the row, and waits for the disk."""
    note = access.of(request._request)
    note.target = f"{target}:{row}"
    access.touched(project_id, note.target)
    by: Any = request.user
    with domain_errors():
        policy.check(by, "pii.read", project_id)
    note.reads_raw(note.target)
    return Response(document(row), headers={"Cache-Control": "private, no-store"})
