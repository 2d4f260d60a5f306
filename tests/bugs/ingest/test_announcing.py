"""Streams hear of what a batch wrote: the ids of reports and sessions, once, in the batch's own transaction."""

from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from audit import replays
from audit import selectors as history
from bugs.ingest.digest import announcing, sessions, writer
from bugs.ingest.digest.items import Item
from bugs.ingest.reading.normalize import normalize
from bugs.models import ErrorReport, Project, Session

KINDS = ["error.received", "session.updated"]


def crash(project, *events):
    now = timezone.now()
    return writer.accept(project.pk, [normalize(event, received_at=now, event_id=uuid4()) for event in events])


def event(kind="ValueError", **more):
    return {"exception": [{"type": kind, "value": "no good"}], **more}


def say(project, key="s-1", status="ok"):
    told = {"sid": key, "status": status, "started": timezone.now().isoformat(), "attrs": {"release": "1.0"}}
    payload = orjson.dumps(told)
    more = {"headers": {}, "event_id": None, "received_at": timezone.now(), "sent_at": None, "peer": ""}
    sessions.keep(project.pk, [Item(type="session", payload=payload, **more)])


def announced(kind, project=None):
    start = history.Position(history.position().mark, 0)
    facts = replays.facts_since(start, types=[kind], project_ids=project and [project.pk])
    return [fact["data"] for fact in facts]


def test_reports_that_were_written_are_announced_by_their_ids(project):
    kept = crash(project, event(), event("KeyError"))
    (data,) = announced("error.received", project)
    assert sorted(data["reports"]) == sorted(str(one.report_id) for one in kept)


def test_what_came_before_is_not_announced_again(project):
    again = normalize(event(), received_at=timezone.now(), event_id=uuid4())
    writer.accept(project.pk, [again])
    writer.accept(project.pk, [again])
    assert len(announced("error.received")) == 1


def test_one_announcement_has_no_more_ids_than_a_socket_takes_at_once(project, monkeypatch):
    monkeypatch.setattr(announcing, "AT_ONCE", 2)
    crash(project, *(event() for _ in range(3)))
    assert [len(data["reports"]) for data in announced("error.received")] == [2, 1]


def test_an_announcement_has_ids_alone(project):
    crash(project, event(user={"email": "bob@example.com"}, tags={"session_id": "s-1"}))
    texts = orjson.dumps([announced(kind) for kind in KINDS]).decode()
    assert "bob" not in texts and "no good" not in texts and "s-1" not in texts


def test_a_session_that_an_error_names_first_is_new(project):
    crash(project, event(tags={"session_id": "s-1"}))
    crash(project, event(tags={"session_id": "s-1"}))
    name = str(Session.objects.get().pk)
    assert announced("session.updated") == [
        {"sessions": [name], "states": ["errored"], "new": [name]},
        {"sessions": [name], "states": ["errored"], "new": []},
    ]


def test_what_an_sdk_says_of_a_session_is_announced_with_its_state(project):
    say(project)
    say(project, status="exited")
    name = str(Session.objects.get().pk)
    assert announced("session.updated") == [
        {"sessions": [name], "states": ["ok"], "new": [name]},
        {"sessions": [name], "states": ["exited"], "new": []},
    ]


def test_a_batch_that_failed_announces_nothing(project, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(announcing, "reports", fail)
    with pytest.raises(RuntimeError):
        crash(project, event(tags={"session_id": "s-1"}))
    assert (ErrorReport.objects.count(), announced("session.updated")) == (0, [])


def test_each_project_has_its_own(project):
    other = Project.objects.create(number=8, key="APP", name="App")
    crash(project, event())
    (report,) = crash(other, event())
    assert announced("error.received", other) == [{"reports": [str(report.report_id)]}]
