"""The broker is a doorbell: what it forgets still stands in the outbox, and the sweep finds it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from celery import Celery
from django.db import connection, transaction

from audit import log, outbox, tasks
from audit.actors import SYSTEM
from audit.models import OutboxEntry
from config.embedded import Valkey, broker_url
from integrations import selectors
from integrations import tasks as integration_tasks
from integrations.models import Delivery, Endpoint

QUEUE = "deliveries"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """Its own server: other tests would lose their messages when this one is flushed."""
    with Valkey(tmp_path_factory.mktemp("broker")) as server:
        yield server


@pytest.fixture
def queue(broker: Valkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """Where wake-ups arrive."""
    app = Celery("bugwire", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = broker_url(broker.directory)
    monkeypatch.setattr(outbox, "current_app", app)
    monkeypatch.setattr(outbox, "_broker_rests_until", 0.0)
    monkeypatch.setattr(integration_tasks.deliver, "delay", lambda: None)
    with redis.Redis.from_url(broker.url.replace("db=0", "db=1")) as client:
        yield client
    app.close()


@pytest.fixture
def endpoint(web: Any) -> Endpoint:
    return Endpoint.objects.create(project=web, url="https://receiver.example/", event_types=["bug.*"], secret=b"")


def record(project: Any, count: int = 1) -> set[Any]:
    with transaction.atomic():
        events = [log.record("bug.created", subject="bug:1", project_id=project.pk, by=SYSTEM) for _ in range(count)]
    return {event.pk for event in events}


def owed() -> list[Any]:
    return list(Delivery.objects.values_list("event_id", flat=True))


def test_what_a_flushed_broker_forgot_is_swept(web: Any, endpoint: Endpoint, queue: redis.Redis) -> None:
    recorded = record(web)
    assert queue.llen(QUEUE) == 1  # the wake-up was accepted

    queue.flushall()
    assert queue.llen(QUEUE) == 0
    assert OutboxEntry.objects.count() == 1
    assert owed() == []

    tasks.sweep()
    assert set(owed()) == recorded
    assert not OutboxEntry.objects.exists()


def test_two_sweeps_at_once_owe_each_delivery_once(
    web: Any, endpoint: Endpoint, queue: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = record(web, 50)
    queue.flushall()
    claimed = meet_after_claiming(monkeypatch)

    def sweep() -> None:
        try:
            tasks.sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(sweep) for _ in range(2)]:
            done.result(timeout=20)

    assert sorted(claimed[:2]) == [10, 10]  # both held entries at the same time
    assert sum(claimed) == 50
    assert sorted(owed()) == sorted(recorded)
    assert not OutboxEntry.objects.exists()


def meet_after_claiming(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Claims of ten, and the first of each sweeper stays open until the other has made its own."""
    meeting, met, claimed = threading.Barrier(2, timeout=10), threading.local(), []
    receivers = selectors.receivers

    def claim(route: str) -> list[Any]:
        events = outbox.claim(route, 10)
        claimed.append(len(events))
        return events

    def wait(project_ids: Any) -> Any:
        if not getattr(met, "once", False):
            met.once = True
            meeting.wait()
        return receivers(project_ids)

    monkeypatch.setattr(log, "claim", claim)
    monkeypatch.setattr(selectors, "receivers", wait)
    return claimed
