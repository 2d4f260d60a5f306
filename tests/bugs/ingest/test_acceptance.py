"""Many senders, few commits: each is answered after its own is safe, and told when it is not."""

import threading
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection
from django.db.models import Sum
from django.utils import timezone

from bugs.ingest.door import acceptance
from bugs.ingest.door import connection as door
from bugs.ingest.outcomes import INVALID, RECEIVED, Counted, Fate
from bugs.models import Arrival, OutcomeDelta, RefusedEvent


def parcel(project):
    return acceptance.Parcel(project.pk, uuid4(), timezone.now(), 10, b"packed")


def entry(project):
    counted = acceptance.Counter({Counted(project.pk, "error", RECEIVED): 1})
    return acceptance.Entry(counted, parcel(project))


def together(queue, entries):
    """Each in a thread of its own; what was raised in each."""
    raised: dict[int, BaseException | None] = {}

    def put(number):
        try:
            queue.put(entries[number])
            raised[number] = None
        except Exception as failure:
            raised[number] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=put, args=[number]) for number in range(len(entries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return [raised[number] for number in range(len(entries))]


@pytest.fixture
def door_closed_after():
    yield
    if door._own is not None:
        door._own.close()


def test_an_entry_is_there_when_its_sender_is_answered(project):
    one = entry(project)
    acceptance.put(one)
    kept = Arrival.objects.get()
    assert (kept.pk, kept.event_id, bytes(kept.body)) == (one.parcel.id, one.parcel.event_id, b"packed")
    assert OutcomeDelta.objects.values_list("category", "outcome", "quantity").get() == ("error", "received", 1)


def test_those_who_come_together_are_committed_together(committed, project, door_closed_after, monkeypatch):
    entries = [entry(project) for _ in range(60)]
    sizes, first = [], threading.Event()
    write = acceptance.write

    def slow(batch):
        sizes.append(len(batch))
        if len(sizes) == 1:
            first.wait(0.5)  # the others queue up meanwhile
        write(batch)

    monkeypatch.setattr(acceptance, "write", slow)
    assert together(acceptance.Acceptance(), entries) == [None] * 60
    assert set(Arrival.objects.values_list("pk", flat=True)) == {one.parcel.id for one in entries}
    assert len(sizes) < 30
    assert OutcomeDelta.objects.aggregate(all=Sum("quantity"))["all"] == 60


def test_when_it_cannot_be_written_all_who_wait_are_told_and_the_next_may_try(project, monkeypatch):
    queue = acceptance.Acceptance()

    def away(batch):
        raise OperationalError("gone")

    with monkeypatch.context() as while_away:
        while_away.setattr(acceptance, "write", away)
        raised = together(queue, [entry(project) for _ in range(8)])
    assert {type(failure) for failure in raised} == {OperationalError}
    queue.put(entry(project))
    assert Arrival.objects.count() == 1


def test_a_second_try_counts_nothing_twice(project):
    """The connection may break after the commit, before its answer."""
    entries = [entry(project), entry(project)]
    for _ in range(2):
        acceptance.write(entries)
    assert Arrival.objects.count() == 2
    assert OutcomeDelta.objects.aggregate(all=Sum("quantity"))["all"] == 2


def test_a_broken_connection_is_made_anew(committed, project, door_closed_after):
    acceptance.put(entry(project))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [door._own.connection.info.backend_pid])
    acceptance.put(entry(project))
    assert Arrival.objects.count() == 2


def test_of_many_refused_events_all_are_counted_and_some_are_named(project):
    fate = Fate(INVALID, "json_invalid")
    many = acceptance.NAMED_MAX + 5
    counted = acceptance.Counter({Counted(project.pk, "error", *fate): 1})
    refused = [acceptance.Refused(project.pk, UUID(int=number), fate) for number in range(1, many + 1)]
    acceptance.write([acceptance.Entry(counted.copy(), refused=[one]) for one in refused])
    assert OutcomeDelta.objects.get().quantity == many
    assert RefusedEvent.objects.count() == acceptance.NAMED_MAX


def test_nobody_is_told_that_it_is_kept_when_whoever_writes_is_ended(project, monkeypatch):
    queue, waiting = acceptance.Acceptance(), threading.Event()

    def ended(batch):
        waiting.wait(0.3)  # the other one queues up meanwhile
        raise SystemExit

    monkeypatch.setattr(acceptance, "write", ended)
    raised = []

    def put():
        try:
            queue.put(entry(project))
        except BaseException as failure:
            raised.append(type(failure))
        else:
            raised.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=put) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(raised) == 3 and set(raised) <= {SystemExit, OperationalError}


def test_large_envelopes_are_not_all_committed_at_once(project, monkeypatch):
    sizes = []
    monkeypatch.setattr(acceptance, "write", lambda batch: sizes.append(len(batch)))
    monkeypatch.setattr(acceptance, "BYTES_AT_ONCE", 2 * len(b"packed"))
    queue = acceptance.Acceptance()
    queue._waiting.extend(acceptance._Ticket(entry(project)) for _ in range(5))
    while queue._waiting:
        queue._lead()
    assert sizes == [2, 2, 1]
