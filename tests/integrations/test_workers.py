"""Workers of webhooks beside each other, slow, late or killed: nothing is lost, nothing sent twice at a time."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.db import connection

from audit.actors import Principal
from integrations import backoff, delivery, dispatch, outbound
from integrations.models import Attempt, Delivery, DeliveryState, Endpoint
from tests.integrations.conftest import happen, make_due, owe


def test_a_delivery_that_kills_every_worker_gives_up_too(endpoint: Endpoint) -> None:
    owed = owe(endpoint)
    for _ in backoff.SCHEDULE:
        assert len(delivery.claim()) == 1
        make_due()
    assert delivery.claim() == []
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("failed", len(backoff.SCHEDULE))


@pytest.mark.django_db(transaction=True)
def test_claimers_at_the_same_time_never_share_a_delivery(endpoint: Endpoint, receiver: Any) -> None:
    for _ in range(40):
        happen(endpoint.project)
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
        happen(endpoint.project)
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
    owed = owe(endpoint)
    with monkeypatch.context() as broken:
        broken.setattr(delivery, "finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            delivery.deliver_batch()
    assert len(receiver.calls) == 1
    assert delivery.deliver_batch() == 0, "the lease still holds"
    make_due()
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
    owed = owe(endpoint)
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
    make_due()
    delivery.deliver_batch()
    owed.refresh_from_db()
    assert (owed.state, owed.attempts) == ("delivered", 2)


def test_who_lost_the_lease_cannot_finish(endpoint: Endpoint) -> None:
    owed = owe(endpoint)
    (late,) = delivery.claim()
    make_due()
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
    owe(endpoint)
    began = time.monotonic()
    delivery.deliver_batch()
    assert time.monotonic() - began < 1.4
    assert Attempt.objects.get().error == "timeout"
