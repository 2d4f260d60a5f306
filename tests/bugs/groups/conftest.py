"""Errors of several kinds that came in, as people handle their groups."""

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
from bugs.models import ErrorGroup

API = "/api/v1/error-groups/"


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    """Nobody listens: these tests end at the record."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


@pytest.fixture
def web(db: None, quiet: None) -> Any:
    project = people.make_project(key="WEB", name="Web shop", by=SYSTEM)
    project.attaches_similar = False  # the tests say what stands behind what
    project.save()
    return project


@pytest.fixture
def app(db: None, quiet: None) -> Any:
    """Another tenant."""
    return people.make_project(key="APP", name="Application", by=SYSTEM)


@pytest.fixture
def crash(web: Any) -> Callable[..., Any]:
    """Errors of one kind come in; the group that they are in."""

    def send(
        kind: str, *, times: int = 1, users: str = "", project: Any = None, at: datetime | None = None, **event: Any
    ) -> Any:
        place = project or web
        frame = {"function": f"do_{kind.lower()}", "module": f"shop.{kind.lower()}", "in_app": True}
        raised = {"type": kind, "value": "bad", "stacktrace": {"frames": [frame]}}
        moment = (at or timezone.now()).astimezone(UTC).isoformat()
        sent = {"exception": [raised], "timestamp": moment, **event}
        everyone: list[dict[str, Any]] = [{"user": {"id": name}} for name in users] or [{}] * times
        found = [normalize({**sent, **who}, received_at=timezone.now(), event_id=uuid4()) for who in everyone]
        writer.accept(place.pk, found)
        return ErrorGroup.objects.get(project=place, title__startswith=f"{kind}:", merged_into=None)

    return send


@pytest.fixture
def do(api: Callable[..., Any]) -> Callable[..., Any]:
    """Bob, or another, does something with a group."""

    def post(group: Any, what: str, body: dict[str, Any] | None = None, by: str = "bob") -> Any:
        return api(by).post(f"{API}{group.pk}/{what}/", body or {})

    return post


@pytest.fixture
def read(api: Callable[..., Any]) -> Callable[..., Any]:
    return lambda group: api("carol").get(f"{API}{group.pk}/").json()
