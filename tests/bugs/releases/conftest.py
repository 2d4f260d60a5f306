"""A project with releases, what SDKs say of sessions, and errors with stacks."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from bugs.ingest.digest import sessions, writer
from bugs.ingest.digest.items import Item
from bugs.ingest.outcomes import Fate
from bugs.ingest.reading.normalize import normalize


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    """Nobody listens: these tests end at the record."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


def item(payload: Any, *, kind: str = "session", received_at: datetime | None = None, sent_at: Any = None) -> Item:
    raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    at = received_at or timezone.now()
    return Item(type=kind, payload=raw, headers={}, event_id=None, received_at=at, sent_at=sent_at, peer="")


def session(key: str = "s-1", *, release: str = "1.0", environment: str = "prod", **told: Any) -> dict[str, Any]:
    attrs = {"release": release, "environment": environment}
    return {"sid": key, "status": "ok", "started": timezone.now().isoformat(), "attrs": attrs, **told}


@pytest.fixture
def say(web: Any) -> Callable[..., list[Fate]]:
    """Items of sessions are digested together."""

    def keep(*payloads: Any, **more: Any) -> list[Fate]:
        return sessions.keep(web.pk, [item(payload, **more) for payload in payloads])

    return keep


@pytest.fixture
def count(web: Any) -> Callable[..., list[Fate]]:
    """A server sends its own counts."""

    def keep(
        *, release: str = "1.0", environment: str = "prod", at: datetime | None = None, **counts: int
    ) -> list[Fate]:
        bucket = {"started": (at or timezone.now()).isoformat(), **counts}
        payload = {"attrs": {"release": release, "environment": environment}, "aggregates": [bucket]}
        return sessions.keep(web.pk, [item(payload, kind="sessions")])

    return keep


@pytest.fixture
def crash(web: Any) -> Callable[..., None]:
    """An error comes in; its frames, outermost first."""

    def send(*frames: dict[str, Any], at: datetime | None = None, **event: Any) -> None:
        raised = {"type": "ValueError", "value": "bad", "stacktrace": {"frames": list(frames)}}
        moment = (at or timezone.now()).astimezone(UTC).isoformat()
        event = {"exception": [raised], "timestamp": moment, **event}
        writer.accept(web.pk, [normalize(event, received_at=timezone.now(), event_id=uuid4())])

    return send
