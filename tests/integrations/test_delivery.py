"""From an event to a receiver: exactly what was committed, at least once, and not twice at a time."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from standardwebhooks.webhooks import Webhook

from audit import log
from audit.actors import SYSTEM, Principal
from bugs.models import Project
from config import keyring
from integrations import backoff, delivery, dispatch, outbound, services, tasks
from integrations.models import Attempt, Delivery, DeliveryState, Endpoint


@pytest.fixture
def endpoint(receiver: Any, project: Project, alice: Principal) -> Endpoint:
    return services.create_endpoint(project_id=project.pk, url=receiver.url, event_types=["bug.*"], by=alice)[0]


def _happen(project: Project, event_type: str = "bug.created") -> Any:
    with transaction.atomic():
        return log.record(event_type, subject="bug:1", project_id=project.pk, by=SYSTEM, data={"number": 7})


def _make_due(**changes: Any) -> None:
    past = Now() - timedelta(seconds=1)
    Delivery.objects.update(next_attempt_at=past, **changes)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=past)


def _owe(endpoint: Endpoint) -> Delivery:
    _happen(endpoint.project)
    dispatch.dispatch()
    return Delivery.objects.latest("created_at")


def test_an_event_becomes_one_delivery_per_matching_endpoint(endpoint: Endpoint, project: Project) -> None:
    event = _happen(project)
    _happen(project, "error_group.created")
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
    _happen(foreign)
    services.update_endpoint(endpoint.pk, changes={"is_active": False}, by=alice)
    _happen(project)
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
    _happen(project)
    with monkeypatch.context() as broken:
        broken.setattr(Delivery.objects, "bulk_create", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            dispatch.dispatch()
    assert dispatch.dispatch() == 1
    assert Delivery.objects.count() == 1


def test_the_receiver_can_verify_what_it_gets(endpoint: Endpoint, receiver: Any) -> None:
    owed = _owe(endpoint)
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
    owed = _owe(endpoint)
    delivery.deliver_batch()
    owed.refresh_from_db()
    assert owed.state == "queued"
    assert delivery.deliver_batch() == 0
    _make_due()
    assert delivery.deliver_batch() == 1
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("delivered", 2)
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1
    assert list(Attempt.objects.values_list("number", "status")) == [(1, 500), (2, 200)]


def test_retry_after_is_obeyed(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(429, {"Retry-After": "1800"}, b"")]
    owed = _owe(endpoint)
    delivery.deliver_batch()
    wait = Delivery.objects.values_list("next_attempt_at", flat=True).get() - owed.next_attempt_at
    assert timedelta(minutes=30) <= wait < timedelta(minutes=31)


def test_the_last_attempt_gives_up(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(500, {}, b"")]
    owed = _owe(endpoint)
    _make_due(attempts=len(backoff.SCHEDULE) - 1)
    delivery.deliver_batch()
    owed.refresh_from_db()
    assert owed.state == "failed"


def test_a_delivery_that_kills_every_worker_gives_up_too(endpoint: Endpoint) -> None:
    owed = _owe(endpoint)
    for _ in backoff.SCHEDULE:
        assert len(delivery.claim()) == 1
        _make_due()
    assert delivery.claim() == []
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("failed", len(backoff.SCHEDULE))


def test_gone_switches_the_endpoint_off(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(410, {}, b"")]
    owed = _owe(endpoint)
    delivery.deliver_batch()
    owed.refresh_from_db()
    endpoint.refresh_from_db()
    assert (owed.state, endpoint.is_active, endpoint.disabled_reason) == ("failed", False, "gone")


def test_a_secret_of_a_lost_key_is_an_attempt_that_failed(endpoint: Endpoint, receiver: Any) -> None:
    Endpoint.objects.update(secret=b"x" * 40)
    _owe(endpoint)
    delivery.deliver_batch()
    assert Attempt.objects.get().error == "secret_unreadable" and receiver.calls == []


def test_a_receiver_that_answers_with_nul_bytes_is_no_trouble(endpoint: Endpoint, receiver: Any) -> None:
    receiver.answers = [(200, {}, b"\x00\xff")]
    _owe(endpoint)
    delivery.deliver_batch()
    assert Attempt.objects.get().response_excerpt == "\ufffd\ufffd"


@pytest.mark.django_db(transaction=True)
def test_claimers_at_the_same_time_never_share_a_delivery(endpoint: Endpoint, receiver: Any) -> None:
    for _ in range(40):
        _happen(endpoint.project)
    dispatch.dispatch()
    got: list[Any] = []

    def work() -> None:
        while some := delivery.claim(limit=3):
            got.extend(some)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(got) == len({claimed.id for claimed in got}) == 40


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_send_each_delivery_once(endpoint: Endpoint, receiver: Any) -> None:
    receiver.delay = 0.05
    for _ in range(120):
        _happen(endpoint.project)
    dispatch.dispatch()

    def work() -> None:
        while delivery.deliver_batch():
            pass
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ids = [headers["webhook-id"] for headers, _ in receiver.calls]
    assert len(ids) == len(set(ids)) == 120
    assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1)}


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_send_and_finish_is_retried_after_the_lease(
    endpoint: Endpoint, receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = _owe(endpoint)
    with monkeypatch.context() as broken:
        broken.setattr(delivery, "finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            delivery.deliver_batch()
    assert len(receiver.calls) == 1
    assert delivery.deliver_batch() == 0, "the lease still holds"
    _make_due()
    assert delivery.deliver_batch() == 1
    owed.refresh_from_db()
    assert (owed.state, owed.attempts, len(receiver.calls)) == ("delivered", 2, 2)
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1


WORKER = """
import django, os, signal
django.setup()
from integrations import delivery
delivery.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
delivery.deliver_batch()
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_send_and_finish_loses_nothing(
    endpoint: Endpoint, receiver: Any, settings: Any
) -> None:
    owed = _owe(endpoint)
    url, _, _ = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")
    environment = os.environ | {
        "DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}",
        "OUTBOUND_ALLOW_CIDRS": "127.0.0.0/8",
        "OUTBOUND_PLAIN_HTTP": "1",
        "SECRET_KEY": settings.SECRET_KEY,
    }
    killed = subprocess.run([sys.executable, "-c", WORKER], env=environment, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL and len(receiver.calls) == 1
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("running", 1)
    _make_due()
    delivery.deliver_batch()
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("delivered", 2)


def test_who_lost_the_lease_cannot_finish(endpoint: Endpoint) -> None:
    owed = _owe(endpoint)
    (late,) = delivery.claim()
    _make_due()
    (current,) = delivery.claim()
    assert not delivery.finish(late, endpoint.created_at, outbound.Answer(status=200))
    owed.refresh_from_db()
    assert (owed.state, owed.epoch) == (DeliveryState.RUNNING, 2)
    assert delivery.finish(current, endpoint.created_at, outbound.Answer(status=200))


def test_one_slow_receiver_holds_up_nobodys_result(
    endpoint: Endpoint, receiver: Any, settings: Any, alice: Principal
) -> None:
    settings.OUTBOUND_TIMEOUT_SECONDS = 0.5
    receiver.delay = 1.5
    _owe(endpoint)
    began = time.monotonic()
    delivery.deliver_batch()
    assert time.monotonic() - began < 1.4
    assert Attempt.objects.get().error == "timeout"


def test_redelivery_sends_the_same_again(endpoint: Endpoint, receiver: Any, alice: Principal) -> None:
    owed = _owe(endpoint)
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
        _happen(project)
    tasks.dispatch()
    tasks.deliver()
    assert len(receiver.calls) == delivery.BATCH + 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_nothing_is_sent_to_an_endpoint_that_is_off(endpoint: Endpoint, receiver: Any, alice: Principal) -> None:
    owed = _owe(endpoint)
    services.update_endpoint(endpoint.pk, changes={"is_active": False}, by=alice)
    assert delivery.deliver_batch() == 0
    with pytest.raises(services.SwitchedOff):
        services.send_test(endpoint.pk, by=alice)
    Delivery.objects.update(state="failed")
    with pytest.raises(services.SwitchedOff):
        services.redeliver(owed.pk, by=alice)
