"""Answers that are kept for a retry have texts: where the rules change, only that there was one is kept."""

from typing import Any

import pytest

from apikeys import tasks
from audit.actors import SYSTEM
from bugs.models import Bug
from bugs.services import privacy

URL = "/api/v1/bugs/"


@pytest.fixture(autouse=True)
def routes(settings: Any) -> None:
    settings.EVENT_ROUTES = {"apikeys.tasks.forget_answers": ["project.privacy_changed"]}
    settings.EVENT_LISTENERS = {}


def test_a_retry_after_a_change_of_rules_is_told_that_it_was_done(api: Any, web: Any) -> None:
    client, body = api("alice"), {"project": "WEB", "title": "For KD-4711"}
    first = client.post(URL, body, HTTP_IDEMPOTENCY_KEY="one")
    again = client.post(URL, body, HTTP_IDEMPOTENCY_KEY="one")
    assert (first.status_code, again.json()) == (201, first.json())
    privacy.change(web.pk, rules={"patterns": [{"name": "customer", "pattern": "KD-[0-9]{4}"}]}, by=SYSTEM)
    tasks.forget_answers()
    retry = client.post(URL, body, HTTP_IDEMPOTENCY_KEY="one")
    assert (retry.status_code, retry.json()["code"], Bug.objects.count()) == (409, "already_created", 1)
    assert "4711" not in retry.content.decode()
