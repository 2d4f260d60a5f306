"""Reports, kinds of errors and sessions from an SDK's envelope through the digest to real sockets."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
import redis
from django.utils import timezone

from bugs.ingest.digest import digester
from bugs.ingest.door import bodies, parcels, senders
from bugs.ingest.wire import envelope
from bugs.models import ErrorReport, Project
from streaming import redis_client

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]
SESSION = "s-1"


def item(kind: str, payload: dict[str, Any]) -> bytes:
    body = orjson.dumps(payload)
    return b'{"type":"%s","length":%d}\n%s\n' % (kind.encode(), len(body), body)


def error(kind: str = "ValueError", **more: Any) -> bytes:
    raised = [{"type": kind, "value": "bad"}]
    return item("event", {"event_id": uuid4().hex, "exception": raised, "tags": {"session_id": SESSION}, **more})


def visit(status: str = "ok", *, user: str = "42") -> bytes:
    attrs = {"release": "1.0", "environment": "prod"}
    return item("session", {"sid": user, "did": user, "status": status, "started": timezone.now(), "attrs": attrs})


def send(project: Project, *items: bytes) -> None:
    """An envelope is taken and digested."""
    sender = senders.Sender(project.pk, None, frozenset(), 0, 0, 0.0)
    body = b"{}\n" + b"".join(items)
    parcels.accept(sender, envelope.parse(body), bodies.Body(body, "", body), peer="")
    assert digester.digest_waiting() == 1


def listen(listener: Open, kind: str, **more: Any) -> Any:
    return listener(type=kind, **more)


def test_a_report_arrives_with_its_group_and_bug(listener: Open, web: Project) -> None:
    client = listen(listener, "error_events", filters={"level": "error"})
    send(web, error(level="info", tags={}))
    send(web, error("KeyError"))
    event = client.next()["event"]
    report = ErrorReport.objects.get(level="error")
    assert (event["event_id"], event["event_type"]) == (str(report.pk), "error")
    assert event["bug_id"] is not None
    assert event["metadata"]["error"]["title"] == "KeyError: bad"


def test_a_whole_report_arrives_for_those_who_want_it(listener: Open, web: Project) -> None:
    client = listen(listener, "error_events", format="detailed")
    send(web, error(extra={"cart": 3}))
    assert client.next()["event"]["metadata"]["error"]["extra"] == {"cart": 3}


def test_a_new_kind_of_error_arrives(listener: Open, web: Project) -> None:
    client = listen(listener, "error_patterns")
    send(web, error())
    event = client.next()["event"]
    assert (event["event_type"], event["metadata"]["pattern"]["title"]) == ("new_pattern", "ValueError: bad")


def test_a_users_sessions_arrive_from_beginning_to_end(listener: Open, web: Project) -> None:
    client = listen(listener, "sessions", user_id="42")
    send(web, visit(user="43"))
    for status in ("ok", "exited"):
        send(web, visit(status))
    events = [client.next()["event"] for _ in range(2)]
    assert [event["event_type"] for event in events] == ["session_started", "session_ended"]
    assert {event["metadata"]["session"]["key"] for event in events} == {"42"}


def test_a_foreign_projects_reports_never_arrive(listener: Open, web: Project, ops: Project) -> None:
    client = listen(listener, "error_events")
    send(ops, error())
    send(web, error())
    assert client.next()["event"]["metadata"]["project_id"] == str(web.pk)
    assert client.hears_nothing(1)


@pytest.mark.parametrize("kind", ["error_events", "sessions"])
def test_what_was_missed_is_told_after_a_break(kind: str, listener: Open, web: Project) -> None:
    first = listen(listener, kind)
    first.link.close()
    for _ in range(3):
        send(web, error())
    second = listen(listener, kind, resume=first.token)
    events = [second.next() for _ in range(3)]
    assert {event["op"] for event in events} == {"event"}
    assert len({event["event"]["event_id"] for event in events}) == 3
    assert second.hears_nothing(1)


def test_what_redis_loses_arrives_all_the_same(listener: Open, web: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    client = listen(listener, "error_events")
    monkeypatch.setattr(redis_client, "within", lambda seconds: redis.Redis(port=1, socket_connect_timeout=0.2))
    send(web, error())
    assert client.next(8)["event"]["event_type"] == "error"


@pytest.mark.parametrize(
    ("kind", "named"), [("error_events", "title"), ("error_patterns", "title"), ("sessions", "key")]
)
def test_what_is_there_comes_first_when_it_is_asked_for(kind: str, named: str, listener: Open, web: Project) -> None:
    send(web, error())
    client = listen(listener, kind, snapshot=True)
    shown = client.next()
    assert (shown["op"], shown["whole"], [one[named] for one in shown["items"]]) == (
        "snapshot",
        True,
        [SESSION if named == "key" else "ValueError: bad"],
    )
    send(web, error("KeyError"))
    assert client.next()["op"] == "event"


def test_a_wrong_filter_names_the_right_one(client: Open) -> None:
    one = client()
    one.next()
    answer = one.ask("subscribe", id="s1", type="error_events", filters={"levle": "error"})
    assert (answer["code"], answer["detail"]) == (
        "invalid_filter",
        "levle: There is no filter 'levle'. Did you mean level?",
    )
