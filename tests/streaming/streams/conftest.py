"""What streams render, without a socket: facts out of the log, read and asked as the hub does it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from audit.actors import SYSTEM, Principal
from bugs import people
from bugs.ingest.digest import sessions, writer
from bugs.ingest.digest.items import Item
from bugs.ingest.digest.writer import Kept
from bugs.ingest.reading.normalize import normalize
from bugs.models import Project
from tests.streaming import described
from tests.streaming.streams.asking import facts_of, subscribed


@pytest.fixture
def web(db: None) -> Project:
    return people.make_project(key="WEB", name="Web shop", by=SYSTEM)


@pytest.fixture
def app(db: None) -> Project:
    return people.make_project(key="APP", name="Application", by=SYSTEM)


@pytest.fixture
def crash(web: Project) -> Callable[..., Kept]:
    """An error comes in."""

    def send(kind: str = "ValueError", *, project: Any = None, at: datetime | None = None, **event: Any) -> Kept:
        raised = [{"type": kind, "value": "bad", "mechanism": {"handled": True}}]
        moment = (at or timezone.now()).astimezone(UTC).isoformat()
        found = normalize(
            {"exception": raised, "timestamp": moment, **event}, received_at=timezone.now(), event_id=uuid4()
        )
        return writer.accept((project or web).pk, [found])[0]

    return send


@pytest.fixture
def visit(web: Project) -> Callable[..., None]:
    """An SDK tells of a session."""

    def tell(key: str = "s-1", status: str = "ok", *, project: Any = None, user: str = "", **attrs: str) -> None:
        told = {"sid": key, "status": status, "did": user, "started": timezone.now().isoformat(), "attrs": attrs}
        more: dict[str, Any] = {"headers": {}, "event_id": None, "received_at": timezone.now(), "sent_at": None}
        sessions.keep((project or web).pk, [Item(type="session", payload=orjson.dumps(told), peer="", **more)])

    return tell


@pytest.fixture
def told(as_principal: Callable[[str], Principal]) -> Callable[..., list[Any]]:
    """The events that carol gets of all that happened."""

    def ask(kind: str, form: str = "json", *, person: str = "carol", **more: Any) -> list[Any]:
        one = subscribed(kind, form, **more)
        renderings = one.stream.read(facts_of(one), [one])
        found = [orjson.loads(body) for each in renderings for body in each.bodies(one, as_principal(person))]
        described.check_events(kind, found)
        return found

    return ask


@pytest.fixture
def shown(as_principal: Callable[[str], Principal]) -> Callable[..., Any]:
    """What a snapshot has for her, and whether that is all."""

    def ask(kind: str, form: str = "json", *, person: str = "carol", **more: Any) -> Any:
        one = subscribed(kind, form, **more)
        found = one.stream.snapshot(as_principal(person), one)
        items = orjson.loads(orjson.dumps(found.items))
        described.check_items(items)
        return items, found.is_whole

    return ask
