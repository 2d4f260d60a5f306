"""Errors that came in, as the cast may see them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import people
from bugs.ingest.digest import writer
from bugs.ingest.reading.normalize import normalize


@pytest.fixture
def quiet(settings: Any) -> None:
    """Nobody listens: these tests end at the record."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


@pytest.fixture
def web(db: None, quiet: None) -> Any:
    return people.make_project(key="WEB", name="Web shop", by=SYSTEM)


@pytest.fixture
def app(db: None, quiet: None) -> Any:
    """Another tenant."""
    return people.make_project(key="APP", name="Application", by=SYSTEM)


@pytest.fixture
def crash(web: Any) -> Callable[..., list[str]]:
    """An error comes in."""

    def send(kind: str = "ValueError", *, project: Any = None, at: datetime | None = None, **event: Any) -> list[str]:
        raised = [{"type": kind, "value": "bad", "mechanism": {"handled": True}}]
        moment = at or timezone.now()
        event = {"exception": raised, "timestamp": moment.astimezone(UTC).isoformat(), **event}
        found = normalize(event, received_at=timezone.now(), event_id=uuid4())
        return writer.accept((project or web).pk, [found])

    return send
