"""The live stream through its real door: process, socket, PostgreSQL, Valkey."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import redis
from django.conf import settings
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apikeys import services as keys
from audit.actors import SYSTEM
from audit.models import AccessRecord
from bugs import services
from bugs.models import Bug, Project
from streaming import redis_client
from tests.streaming.serving import REREAD_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]


def report(project: Project, **fields: Any) -> Bug:
    return services.report(project_id=project.pk, by=SYSTEM, **{"title": "Checkout is blank", **fields})


def test_a_new_bug_arrives_at_once(listener: Open, web: Project) -> None:
    client = listener()
    began = time.monotonic()
    bug = report(web)
    message = client.next()
    assert time.monotonic() - began < 1
    assert (message["op"], message["sub"]) == ("event", "s1")
    assert message["event"]["event_type"] == "new_bug"
    assert UUID(message["event"]["bug_id"]) == bug.pk
    assert message["event"]["metadata"]["bug"]["reference"] == "WEB-1"


def test_each_event_arrives_once(listener: Open, web: Project) -> None:
    client = listener()
    report(web)
    client.next()
    assert client.hears_nothing(4 * REREAD_SECONDS)


def test_a_foreign_projects_bug_never_arrives(listener: Open, web: Project, ops: Project) -> None:
    client = listener()
    report(ops, title="secret")
    assert client.hears_nothing(4 * REREAD_SECONDS)
    report(web)
    assert client.next()["event"]["metadata"]["project_id"] == str(web.pk)


def test_a_filter_is_respected(listener: Open, web: Project) -> None:
    client = listener(filters={"severity": ["high", "critical"]})
    report(web, severity="low")
    wanted = report(web, severity="critical")
    assert UUID(client.next()["event"]["bug_id"]) == wanted.pk


def test_leaving_a_filter_is_told(listener: Open, web: Project) -> None:
    bug = report(web)
    client = listener(type="bug_updates", filters={"status": "new"})
    services.change_status(bug.pk, to="triaged", by=SYSTEM)
    event = client.next()["event"]
    assert event["changes"] == {"status": {"from": "new", "to": "triaged"}}
    assert event["metadata"]["matched"] is False


def test_resolutions_are_moves_to_an_end(listener: Open, web: Project) -> None:
    bug = report(web)
    client = listener(type="resolutions", format="compact")
    services.change_status(bug.pk, to="triaged", by=SYSTEM)
    services.change_status(bug.pk, to="resolved", by=SYSTEM)
    event = client.next()["event"]
    assert event["changes"]["status"]["to"] == "resolved"
    assert "bug" not in event["metadata"]


def test_resume_replays_what_was_missed(listener: Open, web: Project) -> None:
    first = listener()
    first.link.close()
    missed = [str(report(web).pk) for _ in range(3)]
    second = listener(resume=first.token)
    assert [second.next()["event"]["bug_id"] for _ in missed] == missed


def test_a_foreign_token_is_answered_with_a_gap(listener: Open) -> None:
    assert listener(resume="deadbeef.12").next()["op"] == "gap"
    assert listener(resume="nonsense").next()["op"] == "gap"


def test_what_redis_loses_arrives_all_the_same(
    listener: Open, web: Project, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = listener()
    valkey.flushall()
    report(web)
    assert client.next()["op"] == "event"
    monkeypatch.setattr(redis_client, "within", lambda seconds: redis.Redis(port=1, socket_connect_timeout=0.2))
    report(web)
    assert client.next(5)["event"]["metadata"]["number"] == 2


def test_a_wrong_key_closes_4001(client: Open) -> None:
    for token in ("bw_live_wrong", None):
        with pytest.raises(ConnectionClosed) as closed:
            one = client(token=token)
            while True:
                one.next()
        assert closed.value.rcvd.code == 4001


def test_an_evil_origin_is_refused_before_accept(client: Open, session_cookie: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        client(token=None, origin="https://evil.example", headers={"Cookie": session_cookie})
    assert refused.value.response.status_code == 403


def test_a_session_opens_a_socket_from_our_origin_alone(client: Open, session_cookie: str) -> None:
    ours = client(token=None, origin=settings.STREAM_ORIGINS[0], headers={"Cookie": session_cookie})
    assert ours.next()["op"] == "welcome"
    nobody = client(token=None, headers={"Cookie": session_cookie})
    with pytest.raises(ConnectionClosed):
        while nobody.next()["op"] != "welcome":
            pass


def test_a_revoked_key_closes_4010(listener: Open, key: tuple[Any, str]) -> None:
    client = listener()
    keys.revoke(key[0].pk, by=SYSTEM)
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            client.next()
    assert closed.value.rcvd.code == 4010


UNREADABLE: list[tuple[str | bytes, str]] = [
    ("{", "invalid_json"),
    ('{"op":"sub\\u0000"}', "invalid_message"),
    ('{"op":"ping","t":' + "[" * 500 + "]" * 500 + "}", "too_deep"),
    ('{"op":"subscribe","id":"a","type":"weather"}', "unsupported_type"),
    ('{"op":"dance"}', "unknown_op"),
    (b"\x00", "text_only"),
]


def test_what_cannot_be_read_is_answered_and_the_socket_lives(client: Open) -> None:
    one = client()
    assert one.next()["op"] == "welcome"
    for sent, code in UNREADABLE:
        one.link.send(sent)
        assert one.next()["code"] == code
    assert one.ask("ping", t=1) == {"op": "pong", "t": 1}


def test_subscriptions_come_and_go(client: Open, web: Project) -> None:
    one = client()
    one.next()
    both = [{"id": name, "type": "new_bugs", "format": "compact"} for name in ("a", "b")]
    assert [one.ask("subscribe", subscriptions=both)["id"], one.next()["id"]] == ["a", "b"]
    assert one.ask("unsubscribe", id="a") == {"op": "unsubscribed", "id": "a"}
    assert [each["id"] for each in one.ask("subscriptions")["subscriptions"]] == ["b"]
    many = [{"id": f"n{n}", "type": "new_bugs"} for n in range(20)]
    assert one.ask("subscribe", subscriptions=many)["code"] == "too_many"


def test_connecting_and_closing_are_written_down(listener: Open) -> None:
    client = listener()
    client.link.close()
    for _ in range(50):
        if AccessRecord.objects.filter(operation="stream_close").exists():
            break
        time.sleep(0.1)
    assert list(AccessRecord.objects.order_by("id").values_list("operation", "status", "rows", "targets")) == [
        ("stream_connect", 101, None, 0),
        ("stream_subscribe", 200, None, 1),
        ("stream_close", 1000, 0, 1),
    ]
    assert AccessRecord.objects.values("request_id").distinct().count() == 1
