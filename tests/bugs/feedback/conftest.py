"""Items as an envelope brought them, on their way to their keepers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.utils import timezone

from bugs.ingest.digest import errors
from bugs.ingest.digest.items import Item


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    """Nobody listens: these tests end at the record."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Path) -> Path:
    """Where attachments are stored."""
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}
    return tmp_path


def item(kind: str, payload: Any, *, event_id: UUID | None = None, **headers: Any) -> Item:
    body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return Item(
        type=kind,
        payload=body,
        headers=headers,
        event_id=event_id,
        received_at=timezone.now(),
        sent_at=None,
        peer="192.0.2.1",
    )


def said(message: Any = "It broke", *, key: UUID | None = None, about: UUID | None = None, **more: Any) -> Item:
    """A feedback item."""
    key = key or uuid4()
    words = {"message": message, "contact_email": "ann@example.com", "name": "Ann", **more}
    if about:
        words["associated_event_id"] = about.hex
    return item("feedback", {"event_id": key.hex, "contexts": {"feedback": words}}, event_id=key)


@pytest.fixture
def crash(web: Any) -> Callable[..., UUID]:
    """An error comes in; its event id."""

    def send(kind: str = "ValueError", *, event_id: UUID | None = None, **event: Any) -> UUID:
        key = event_id or uuid4()
        event = {"exception": [{"type": kind, "value": "bad", "mechanism": {"handled": True}}], **event}
        (fate,) = errors.keep(web.pk, [item("event", event, event_id=key)])
        assert fate.outcome in ("accepted", "deduplicated")
        return key

    return send
