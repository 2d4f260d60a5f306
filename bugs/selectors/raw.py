"""Texts as they were written, for those whom a gate let through to them: the clean ones with the originals put back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model

from bugs.models import Attachment, Bug, Comment, CommentEdit, Feedback
from bugs.privacy import originals, redaction
from bugs.selectors import comments, feedback
from bugs.selectors import texts as bug_texts

EDITS_MAX = 100  # of a comment


def of_row(model: type[Model], row_id: UUID) -> dict[str, str]:
    """What was taken out of one row's texts; raises keyring.Unreadable."""
    return of_rows(model, [row_id]).get(row_id, {})


def of_rows(model: type[Model], row_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """The same of several; those of which nothing was taken out are left out."""
    table, rows = model._meta.db_table, model._default_manager.filter(pk__in=row_ids, originals__isnull=False)
    return {pk: originals.opened(column, table=table, row=pk) for pk, column in rows.values_list("pk", "originals")}


def bugs(documents: Sequence[dict[str, Any]], allowed: Collection[UUID]) -> list[dict[str, Any]]:
    """Bugs of `texts.documents`, those that are allowed as they were written."""
    taken = of_rows(Bug, allowed)
    return [redaction.restored(document, taken.get(UUID(document["id"]), {})) for document in documents]


def bug(bug_id: UUID) -> dict[str, Any]:
    """A bug that a gate let through, as it was written, with the names of its files."""
    document = redaction.restored(orjson.loads(bug_texts.documents_of([bug_id])[0]), of_row(Bug, bug_id))
    rows = Attachment.objects.filter(bug_id=bug_id, deleted_at=None).order_by("-created_at", "-id")
    files = _restored(Attachment, rows.values("id", "name"))
    return {**document, "attachments": files}


def comment(comment_id: UUID) -> dict[str, Any]:
    """A comment that a gate let through, as it was written, with what it said before, newest first."""
    document = orjson.loads(comments.documents_of([comment_id])[0])
    rows = comments.edits_of(comment_id).order_by("-edited_at", "-id")[:EDITS_MAX]
    edits = _restored(CommentEdit, rows.values("id", "body", "actor", "edited_at"))
    return {**redaction.restored(document, of_row(Comment, comment_id)), "edits": edits}


def feedback_of(feedback_id: UUID) -> dict[str, Any]:
    """Feedback that a gate let through, as it was given."""
    document = orjson.loads(feedback.documents_of([feedback_id])[0])
    whole: dict[str, Any] = redaction.restored(document, of_row(Feedback, feedback_id))
    return whole


def _restored(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    shown = [dict(row) for row in rows]
    taken = of_rows(model, [row["id"] for row in shown])
    return [redaction.restored(row, taken.get(row["id"], {})) for row in shown]
