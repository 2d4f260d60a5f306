"""Figures through the stream's real door: told where something happened, soon, to whom may see them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from audit import log
from audit.actors import SYSTEM
from audit.identifiers import uuid7
from bugs import services
from bugs.models import Project
from bugs.services import counting

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]
ANALYTICS = {"type": "analytics"}


def report(project: Project) -> Any:
    return services.report(project_id=project.pk, by=SYSTEM, title="Checkout is blank", severity="high")


def an_error_comes(project: Project) -> None:
    row = {"group_id": uuid7(), "component": "cart", "environment": "production", "release": "1.0", "level": "error"}
    with transaction.atomic():
        counting.errors(project.pk, [SimpleNamespace(occurred_at=timezone.now(), **row)])
        log.announce(
            "error.received",
            subject=f"project:{project.pk}",
            project_id=project.pk,
            data={"reports": [str(uuid7())]},
            is_kept=True,
        )


def heard(client: Any, sub: str, **wanted: int) -> list[Any]:
    """The events of a subscription, up to the first whose totals are these."""
    found: list[Any] = []
    while not found or wanted.items() - totals(found[-1]).items():
        message = client.next()
        assert message["op"] == "event", message
        found += [message["event"]] if message["sub"] == sub else []
    return found


def totals(event: Any) -> dict[str, Any]:
    return event["metadata"]["figures"]["totals"]


def test_what_happens_in_a_project_makes_its_figures_anew(listener: Open, web: Project, ops: Project) -> None:
    client = listener(**ANALYTICS, snapshot=True)
    before = client.next()
    assert before["op"] == "snapshot" and [item["project"] for item in before["items"]] == ["WEB"]
    errors = {"id": "s2", **ANALYTICS, "metrics_type": "errors", "format": "compact"}
    assert client.ask("subscribe", **errors)["op"] == "subscribed"

    report(ops)  # foreign
    bug = report(web)
    assert {event["metadata"]["project"] for event in heard(client, "s1", open=1)} == {"WEB"}
    services.change_status(bug.pk, to="resolved", by=SYSTEM)
    assert "resolved_24h" in heard(client, "s1", open=0)[-1]["changes"]
    an_error_comes(web)
    assert heard(client, "s2", errors_1h=1)[-1]["metadata"]["figures"].keys() == {"totals"}


def test_a_burst_is_one_event_and_who_comes_back_is_told(listener: Open, web: Project) -> None:
    client = listener(**ANALYTICS)
    for _ in range(20):
        report(web)
    assert len(heard(client, "s1", open=20)) < 20
    client.link.close()

    again = listener(**ANALYTICS, resume=client.token)
    assert totals(again.next()["event"])["open"] == 20
