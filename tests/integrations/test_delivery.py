"""From an event to a receiver: exactly what was committed, and what the receiver's answer means."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import transaction
from standardwebhooks.webhooks import Webhook

from audit import log
from audit.actors import SYSTEM, Principal
from bugs.models import Project
from config import keyring
from integrations import backoff, delivery, dispatch, services, tasks
from integrations.models import Attempt, Delivery, Endpoint
from tests.integrations.conftest import happen, make_due, owe


def test_an_event_becomes_one_delivery_per_matching_endpoint(endpoint: Endpoint, project: Project) -> None:
    event = happen(project)
    happen(project, "error_group.created")
    assert dispatch.dispatch() == 2
    assert dispatch.dispatch() == 0
    owed = Delivery.objects.get()
    assert (owed.endpoint, owed.event_id, owed.state) == (endpoint, event.pk, "queued")
    assert owed.payload == {
        "id": str(event.pk),
        "type": "bug.created",
        "occurred_at": event.occurred_at.isoformat(),
        "data": {"number": 7},
    }


def test_other_projects_and_inactive_endpoints_are_owed_nothing(
    endpoint: Endpoint, project: Project, mallory: Principal, alice: Principal
) -> None:
    foreign = Project.objects.get(key="EVIL")
    happen(foreign)
    services.update_endpoint(endpoint.pk, changes={"is_active": False}, by=alice)
    happen(project)
    assert dispatch.dispatch() == 2
    assert not Delivery.objects.exists()


def test_news_of_webhooks_are_not_sent_as_webhooks(endpoint: Endpoint, settings: Any, alice: Principal) -> None:
    settings.EVENT_ROUTES = {dispatch.ROUTE: ["*"]}
    services.update_endpoint(endpoint.pk, changes={"event_types": ["*"]}, by=alice)
    assert dispatch.dispatch() == 1
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_delivered(endpoint: Endpoint, project: Project, receiver: Any) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        log.record("bug.created", subject="bug:1", project_id=project.pk, by=SYSTEM)
        raise RuntimeError
    assert dispatch.dispatch() == 0
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_dispatch_that_fails_gives_its_events_back(
    endpoint: Endpoint, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(project)
    with monkeypatch.context() as broken:
        broken.setattr(Delivery.objects, "bulk_create", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            dispatch.dispatch()
    assert dispatch.dispatch() == 1
    assert Delivery.objects.count() == 1


def test_the_receiver_can_verify_what_it_gets(endpoint: Endpoint, receiver: Any) -> None:
    owed = owe(endpoint)
    assert delivery.deliver_batch() == 1
    headers, body = receiver.calls[0]
    secret = keyring.unseal(endpoint.secret, place=Endpoint.PLACE, row=endpoint.pk).decode()
    assert Webhook(secret).verify(body, headers) == owed.payload
    assert headers["webhook-id"] == str(owed.event_id) and headers["content-type"] == "application/json"
    owed.refresh_from_db()
    assert (owed.state, owed.attempts, owed.lease_until) == ("delivered", 1, None)
    tried = Attempt.objects.get()
    assert (tried.number, tried.status, tried.error, tried.response_excerpt) == (1, 200, "", "thanks")
    assert delivery.deliver_batch() == 0


def test_a_failure_is_tried_again_with_the_same_id(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(500, {}, b"oops"), (200, {}, b"")]
    owed = owe(endpoint)
    delivery.deliver_batch()
    owed.refresh_from_db()
    assert owed.state == "queued"
    assert delivery.deliver_batch() == 0
    make_due()
    assert delivery.deliver_batch() == 1
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("delivered", 2)
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1
    assert list(Attempt.objects.values_list("number", "status")) == [(1, 500), (2, 200)]


def test_retry_after_is_obeyed(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(429, {"Retry-After": "1800"}, b"")]
    owed = owe(endpoint)
    delivery.deliver_batch()
    wait = Delivery.objects.values_list("next_attempt_at", flat=True).get() - owed.next_attempt_at
    assert timedelta(minutes=30) <= wait < timedelta(minutes=31)


def test_the_last_attempt_gives_up(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(500, {}, b"")]
    owed = owe(endpoint)
    make_due(attempts=len(backoff.SCHEDULE) - 1)
    delivery.deliver_batch()
    owed.refresh_from_db()
    assert owed.state == "failed"


def test_gone_switches_the_endpoint_off(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(410, {}, b"")]
    owed = owe(endpoint)
    delivery.deliver_batch()
    owed.refresh_from_db()
    endpoint.refresh_from_db()
    assert (owed.state, endpoint.is_active, endpoint.disabled_reason) == ("failed", False, "gone")


def test_a_secret_of_a_lost_key_is_an_attempt_that_failed(endpoint: Endpoint, receiver: Any) -> None:
    Endpoint.objects.update(secret=b"x" * 40)
    owe(endpoint)
    delivery.deliver_batch()
    assert Attempt.objects.get().error == "secret_unreadable" and receiver.calls == []


def test_a_receiver_that_answers_with_nul_bytes_is_no_trouble(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(200, {}, b"\x00\xff")]
    owe(endpoint)
    delivery.deliver_batch()
    assert Attempt.objects.get().response_excerpt == "\ufffd\ufffd"


def test_redelivery_sends_the_same_again(endpoint: Endpoint, receiver: Any, alice: Principal) -> None:
    owed = owe(endpoint)
    with pytest.raises(services.StillPending):
        services.redeliver(owed.pk, by=alice)
    delivery.deliver_batch()
    services.redeliver(owed.pk, by=alice)
    delivery.deliver_batch()
    (first, body), (second, again) = receiver.calls
    assert first["webhook-id"] == second["webhook-id"] and body == again
    assert list(Attempt.objects.values_list("number", flat=True)) == [1, 2]


def test_a_test_delivery(endpoint: Endpoint, receiver: Any, alice: Principal) -> None:
    services.send_test(endpoint.pk, by=alice)
    delivery.deliver_batch()
    assert orjson.loads(receiver.calls[0][1])["type"] == "webhook.test"


def test_the_tasks_do_it_all(endpoint: Endpoint, project: Project, receiver: Any, valkey: Any) -> None:
    for _ in range(delivery.BATCH + 1):
        happen(project)
    tasks.dispatch()
    tasks.deliver()
    assert len(receiver.calls) == delivery.BATCH + 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_nothing_is_sent_to_an_endpoint_that_is_off(endpoint: Endpoint, receiver: Any, alice: Principal) -> None:
    owed = owe(endpoint)
    services.update_endpoint(endpoint.pk, changes={"is_active": False}, by=alice)
    assert delivery.deliver_batch() == 0
    with pytest.raises(services.SwitchedOff):
        services.send_test(endpoint.pk, by=alice)
    Delivery.objects.update(state="failed")
    with pytest.raises(services.SwitchedOff):
        services.redeliver(owed.pk, by=alice)
