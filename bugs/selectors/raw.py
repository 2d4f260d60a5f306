"""Texts as they were written, for those whom a gate let through to them: the clean ones with the originals put back."""

from collections.abc import Collection, Sequence
from uuid import UUID

import orjson
from django.db.models import Model

from bugs.models import Bug
from bugs.privacy import originals, redaction


def of_row(model: type[Model], row_id: UUID) -> dict[str, str]:
    """What was taken out of one row's texts; raises keyring.Unreadable."""
    return of_rows(model, [row_id]).get(row_id, {})


def of_rows(model: type[Model], row_ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """The same of several; those of which nothing was taken out are left out."""
    table, rows = model._meta.db_table, model._default_manager.filter(pk__in=row_ids, originals__isnull=False)
    return {pk: originals.opened(column, table=table, row=pk) for pk, column in rows.values_list("pk", "originals")}


def bugs(texts: Sequence[str], allowed: Collection[UUID]) -> list[dict[str, object]]:
    """Bugs as `texts.documents` writes them, those that are allowed as they were written."""
    documents = [orjson.loads(text) for text in texts]
    taken = of_rows(Bug, allowed)
    return [redaction.restored(document, taken.get(UUID(document["id"]), {})) for document in documents]
