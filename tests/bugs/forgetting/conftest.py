"""A project that ann left traces in everywhere, and ben beside her."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from bugs.forgetting import runner
from bugs.ingest.digest import writer
from bugs.ingest.reading.normalize import normalize
from bugs.models import Erasure
from bugs.services import erasures

ANN, BEN = "ann.miller@corp.example", "ben@corp.example"


@pytest.fixture(autouse=True)
def alone(settings: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}


@pytest.fixture
def crash(web: Any) -> Callable[..., UUID]:
    """An error that met someone; the id of its report."""

    def send(user: dict[str, str], value: str = "bad", **more: Any) -> UUID:
        raised = [{"type": "ValueError", "value": value, "mechanism": {"handled": False}}]
        event = {"exception": raised, "user": user, "tags": {"session_id": f"s-{user}"[:30]}, **more}
        (kept,) = writer.accept(web.pk, [normalize(event, received_at=timezone.now(), event_id=uuid4())])
        assert kept.report_id
        return kept.report_id

    return send


@pytest.fixture
def forget(web: Any, as_principal: Callable[[str], Any]) -> Callable[..., Erasure]:
    """Have someone forgotten, to the end."""

    def ask(person: str = ANN, by: str = "alice", **more: Any) -> Erasure:
        erasure = erasures.request(person=person, project_ids=[web.pk], by=as_principal(by), **more)
        assert not runner.run_due(60)
        erasure.refresh_from_db()
        return erasure

    return ask
