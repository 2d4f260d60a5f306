"""Batches of envelopes: all or nothing of each, and one that cannot be read takes no other along."""

import contextlib
import threading
from uuid import uuid4

import orjson
import pytest
from django.core.management import call_command
from django.db import connection

from bugs.ingest.digest import claims, digester, errors, pace
from bugs.ingest.digest.pace import Pace
from bugs.ingest.door import bodies, parcels, senders
from bugs.ingest.reading.normalize import normalize
from bugs.ingest.wire import envelope
from bugs.models import Arrival, ErrorReport, OutcomeDelta, Project, RefusedEvent


def item(kind, payload):
    body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return b'{"type":"%s","length":%d}\n%s\n' % (kind.encode(), len(body), body)


def event(kind="ValueError", **more):
    return item("event", {"event_id": uuid4().hex, "exception": [{"type": kind, "value": "bad"}], **more})


def send(project, *items, **headers):
    sender = senders.Sender(project.pk, None, frozenset(), 0, 0, 0.0)
    body = orjson.dumps(headers) + b"\n" + b"".join(items)
    return parcels.accept(sender, envelope.parse(body), bodies.Body(body, "", body), peer="")


def outcomes(project):
    rows = OutcomeDelta.objects.filter(project_id=project.pk).values_list("category", "outcome", "reason", "quantity")
    found = {}
    for category, outcome, reason, quantity in rows:
        key = " ".join(filter(None, [category, outcome, reason]))
        found[key] = found.get(key, 0) + quantity
    return found


def test_a_batch_leaves_reports_and_no_arrival(project):
    for _ in range(5):
        send(project, event())
    assert digester.digest_waiting() == 5
    assert (ErrorReport.objects.count(), Arrival.objects.count()) == (5, 0)
    assert outcomes(project) == {"error received": 5, "error accepted": 5}


def test_projects_are_read_in_turn(project):
    other = Project.objects.create(number=8, key="APP", name="App")
    for _ in range(30):
        send(project, event())
    send(other, event())
    digester.digest_waiting()
    assert ErrorReport.objects.filter(project_id=other.pk).count() == 1


def test_what_is_not_stored_is_counted(project):
    send(project, item("transaction", {}), item("transaction", {}), item("brand_new", b"x"), event())
    digester.digest_waiting()
    assert outcomes(project) == {
        "transaction received": 2,
        "unknown received": 1,
        "error received": 1,
        "error accepted": 1,
        "transaction dropped not_stored": 2,
        "unknown dropped not_stored": 1,
    }


def test_an_event_that_comes_again_is_named(project):
    event_id = uuid4()
    for _ in range(2):
        send(project, event(), event_id=event_id.hex)
    digester.digest_waiting()
    assert outcomes(project)["error deduplicated"] == 1
    assert RefusedEvent.objects.values_list("event_id", "outcome").get() == (event_id, "deduplicated")


def test_the_name_of_an_envelope_is_that_of_its_first_event(project):
    event_id = send(project, event(), event(), event_id=uuid4().hex)
    digester.digest_waiting()
    assert ErrorReport.objects.count() == 2
    assert ErrorReport.objects.filter(event_id=event_id).count() == 1


def test_errors_and_sessions_of_a_new_release_do_not_wait_in_a_circle(committed, project):
    """At a deploy two digests meet errors and sessions of one new release."""
    for _ in range(3):
        for number in range(6):
            session = {"sid": uuid4().hex, "init": True, "started": "2026-11-25T10:00:00Z", "attrs": {"release": "2.0"}}
            send(project, event("Known", release="2.0", tags={"session_id": session["sid"]}), item("session", session))
            send(project, event(f"Kind{number}", release="2.0"))
    failures = []

    def digest():
        try:
            while digester.digest_next(project.pk):
                pass
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=digest) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert (ErrorReport.objects.count(), Arrival.objects.count()) == (36, 0)


@pytest.fixture
def poison(monkeypatch):
    """An event that our own code cannot read."""

    def read(found, **more):
        if found.get("level") == "poison":
            raise RuntimeError("no")
        return normalize(found, **more)

    monkeypatch.setattr(errors, "normalize", read)


def test_what_cannot_be_read_takes_no_other_along_and_stays(project, poison, monkeypatch):
    for level in ("error", "poison", "error"):
        send(project, event(level=level))
    digester.digest_waiting()
    assert ErrorReport.objects.count() == 2
    assert Arrival.objects.get().attempts == 1
    monkeypatch.undo()
    Arrival.objects.update(leased_until=None)
    digester.digest_waiting()
    assert (ErrorReport.objects.count(), Arrival.objects.count()) == (3, 0)


def test_what_was_set_aside_is_tried_when_somebody_says_so(project, capsys):
    send(project, event())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bugs_arrival SET leased_until = 'infinity'")
    assert digester.digest_waiting() == 0
    call_command("digest_again")
    assert capsys.readouterr().out == "1 envelopes will be tried again.\n"
    assert digester.digest_waiting() == 1


def test_a_slow_batch_makes_the_next_one_smaller(monkeypatch):
    clock = iter([0.0, 2.0, 2.0, 2.1, 2.1, 2.2])
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    mine = Pace(10, 200)
    sizes = []
    for _ in range(3):
        with mine.kept():
            sizes.append(mine.at_once)
    assert (sizes, mine.at_once) == ([50, 25, 45], 65)


def test_one_that_ends_the_process_does_not_hold_up_the_others_until_they_are_set_aside(project, monkeypatch):
    def read(found, **more):
        if found.get("level") == "deadly":
            raise SystemExit
        return normalize(found, **more)

    monkeypatch.setattr(errors, "normalize", read)
    digester.random.seed(1)
    for level in ("deadly", *["error"] * 20):
        send(project, event(level=level))
    for _ in range(claims.ATTEMPTS_MAX):
        with contextlib.suppress(SystemExit):
            digester.digest_waiting()
        Arrival.objects.update(leased_until=None)
    assert (ErrorReport.objects.count(), Arrival.objects.count()) == (20, 1)
