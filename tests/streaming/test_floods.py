"""Clients that ask for too much: each gets the word for it, and whoever listens beside them notices nothing."""

import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from audit.actors import SYSTEM
from bugs import services
from bugs.models import Project
from streaming import consumers, subscriptions
from streaming.admission import flow, handshakes

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]


@pytest.fixture
def beside(listener: Open, web: Project) -> Any:
    """Somebody else, who hears of a bug when the test is over."""
    other = listener()
    yield other
    bug = services.report(project_id=web.pk, by=SYSTEM, title="Checkout is blank")
    assert other.next()["event"]["bug_id"] == str(bug.pk)


@pytest.fixture
def one(client: Open, beside: Any) -> Any:
    made = client()
    assert made.next()["op"] == "welcome"
    return made


def until_it_ends(client: Any) -> tuple[list[dict[str, Any]], int]:
    """All that is said, and the close code."""
    said = []
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            said.append(orjson.loads(client.link.recv(10)))
    return said, closed.value.rcvd.code


def send_all(client: Any, texts: list[str]) -> None:
    try:
        for text in texts:
            client.link.send(text)
    except ConnectionClosed:
        pass


def test_a_thousand_messages_at_once_are_a_rate(one: Any) -> None:
    send_all(one, ['{"op":"ping"}'] * 1_000)
    said, code = until_it_ends(one)
    assert (code, said[-1]["reason"]) == (4129, "rate_limited")
    assert said[-1]["retry_ms"] > 0 and len(said) <= flow.BURST + 25


def test_ten_thousand_subscriptions_are_refused_by_the_first_too_many(one: Any) -> None:
    many = [{"id": f"n{n}", "type": "new_bugs"} for n in range(subscriptions.MAX_SUBSCRIPTIONS + 1)]
    assert one.ask("subscribe", subscriptions=many)["code"] == "invalid_message"
    for number in range(subscriptions.MAX_SUBSCRIPTIONS):
        assert one.ask("subscribe", id=f"n{number}", type="new_bugs", format="compact")["op"] == "subscribed"
    assert one.ask("subscribe", id="more", type="new_bugs")["code"] == "too_many"
    send_all(one, [orjson.dumps({"op": "subscribe", "subscriptions": many[:20]}).decode()] * 500)
    assert until_it_ends(one)[1] in (4000, 4129)


def test_a_filter_of_a_megabyte_is_too_big_to_read(one: Any) -> None:
    send_all(one, [orjson.dumps({"op": "subscribe", "id": "a", "type": "new_bugs", "q": "x" * 2**20}).decode()])
    assert until_it_ends(one)[1] == 1009


def test_a_filter_as_long_as_a_message_is_answered(one: Any) -> None:
    for text in ("x " * 30_000, "(" * 30_000, "status:new OR " * 4_000):
        answer = one.ask("subscribe", id="a", type="bug_updates", filters={"q": text})
        assert answer["code"] == "invalid_filter"


def test_who_is_refused_again_and_again_is_let_go(one: Any) -> None:
    send_all(one, ['{"op":"dance"}'] * consumers.MAX_REFUSED)
    said, code = until_it_ends(one)
    assert (code, said[-1]["reason"], "retry_ms" in said[-1]) == (4000, "bad_request", False)
    assert [message["op"] for message in said[:-1]] == ["error"] * len(said[:-1])


def test_a_socket_too_many_of_one_caller(client: Open, monkeypatch: pytest.MonkeyPatch, web: Project) -> None:
    monkeypatch.setattr(handshakes.CALLERS, "limit", 2)
    kept = [client(), client()]
    assert [each.next()["op"] for each in kept] == ["welcome", "welcome"]
    said, code = until_it_ends(client())
    assert (code, said[-1]["reason"]) == (4109, "too_many_sockets")
    kept[0].link.close()
    for _ in range(50):  # the server hears of it a little later
        if client().next()["op"] == "welcome":
            return
        time.sleep(0.1)
    raise AssertionError("its place was not given back")
