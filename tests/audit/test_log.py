"""The ground: one fact, one transaction, and everyone who must hear of it does."""

import threading
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from kombu import Connection

from audit import log, outbox
from audit.actors import SYSTEM
from audit.matching import matches
from audit.models import Event, OutboxEntry
from audit.tasks import sweep
from bugs import services

ROUTE = "integrations.tasks.dispatch"


class Boom(Exception):
    pass


def record(event_type="bug.created", **data):
    with transaction.atomic():
        return log.record(event_type, subject="bug:1", project_id=uuid4(), by=SYSTEM, data=data)


@pytest.fixture
def sent(monkeypatch):
    """Wake-ups that reach the broker."""
    names = []
    monkeypatch.setattr(outbox.current_app, "send_task", lambda name, **_: names.append(name))
    return names


@pytest.mark.parametrize(
    ("event_type", "patterns", "answer"),
    [
        ("bug.created", ["bug.*"], True),
        ("bug.created", ["bug.created"], True),
        ("bug.created", ["*"], True),
        ("bugs.created", ["bug.*"], False),
        ("bug.created", ["bug"], False),
        ("bug.created", [], False),
    ],
)
def test_patterns(event_type, patterns, answer):
    assert matches(event_type, patterns) is answer


@pytest.mark.django_db(transaction=True)
def test_an_event_and_its_routes_are_written_together(sent):
    event = record()

    assert [entry.route for entry in OutboxEntry.objects.filter(event=event)] == [ROUTE]
    assert sent == [ROUTE]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_nothing_and_sends_nothing(sent):
    with pytest.raises(Boom), transaction.atomic():
        record()
        raise Boom

    assert not Event.objects.exists() and not OutboxEntry.objects.exists() and not sent


@pytest.mark.django_db(transaction=True)
def test_many_events_of_one_transaction_wake_a_route_once(sent):
    with transaction.atomic():
        for _ in range(3):
            record()

    assert sent == [ROUTE]


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused():
    with pytest.raises(log.NotInTransaction):
        log.record("bug.created", subject="bug:1", project_id=None, by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_listeners_hear_after_commit_and_not_of_what_was_rolled_back(settings):
    settings.EVENT_LISTENERS = {"tests.audit.test_log.hear": ["bug.*"]}
    heard.clear()
    with pytest.raises(Boom), transaction.atomic():
        record()
        raise Boom
    event = record(version=7)

    assert [fact["id"] for fact in heard] == [str(event.pk)]
    assert heard[0]["data"] == {"version": 7}


heard: list = []


def hear(fact):
    heard.append(fact)


def fail(fact):
    raise Boom


@pytest.mark.django_db(transaction=True)
def test_a_listener_that_fails_harms_nobody(settings, sent):
    settings.EVENT_LISTENERS = {"tests.audit.test_log.fail": ["bug.*"]}

    record()

    assert sent == [ROUTE]


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_the_entry_waits_and_the_sweep_finds_it(monkeypatch):
    send_task, nowhere = outbox.current_app.send_task, Connection("redis://127.0.0.1:1/0")
    monkeypatch.setattr(outbox, "_broker_rests_until", 0.0)
    monkeypatch.setattr(outbox.current_app, "send_task", lambda name: send_task(name, connection=nowhere))
    record()
    assert outbox.waiting_routes() == [ROUTE]

    sweep()

    assert outbox.waiting_routes() == []


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_never_take_the_same_entry(sent):
    events = {record().pk for _ in range(40)}
    taken: list = []
    start = threading.Barrier(4)

    def claim_some():
        start.wait()
        try:
            while True:
                with transaction.atomic():
                    if not (claimed := log.claim(ROUTE, limit=3)):
                        return
                    taken.extend(event.pk for event in claimed)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(taken) == 40 and set(taken) == events


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_is_rolled_back_gives_its_entries_back(sent):
    record()
    with pytest.raises(Boom), transaction.atomic():
        assert log.claim(ROUTE)
        raise Boom

    with transaction.atomic():
        assert len(log.claim(ROUTE)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["UPDATE audit_event SET type = 'x'", "DELETE FROM audit_event"])
def test_history_cannot_be_changed(change, sent):
    record()
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_move_and_its_event_stand_in_one_transaction(bug):
    services.change_status(bug.pk, to="triaged", by=SYSTEM)

    event = Event.objects.get(type="bug.status_changed")
    assert event.subject == f"bug:{bug.pk}"
    assert event.data["changes"] == {"status": {"from": "new", "to": "triaged"}}


def test_an_event_says_nothing_that_a_person_wrote(web):
    services.report(project_id=web.pk, by=SYSTEM, title="Ms Miller's card 4111", description="call her")

    event = Event.objects.get(type="bug.created")
    assert "Miller" not in str(event.data) and "call" not in str(event.data)
