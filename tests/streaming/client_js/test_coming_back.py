"""When the JavaScript client leaves a connection, and when it comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from websockets.exceptions import ConnectionClosed

WAITS = [  # close code, tries, retry_ms, and the least and the most to wait
    (1006, 0, 0, 0, 500),
    (1006, 3, 0, 0, 4_000),
    (1006, 100, 0, 0, 30_000),
    (4000, 0, 0, None, None),
    (4099, 0, 9_000, None, None),
    (4100, 0, 0, 2_000, 2_500),
    (4199, 100, 0, 2_000, 32_000),
    (4113, 0, 7_000, 7_000, 7_500),
    (4200, 100, 0, 0, 500),
    (4200, 0, 9_000, 9_000, 9_500),
    (4299, 0, 10**9, 300_000, 300_500),
]


def test_the_wait_follows_the_close_code(page: Page) -> None:
    cases = [case[:3] for case in WAITS]
    call = "(cases) => cases.map((one) => [backOff(...one, 0), backOff(...one, 1)])"
    assert page.evaluate(call, cases) == [[*case[3:]] for case in WAITS]


def test_a_ping_is_answered(client: Callable[..., Any], peer: Any) -> None:
    client()
    visit = peer.visit()
    visit.join()
    visit.say("ping")
    visit.hear("pong")


def test_a_silent_server_is_left(page: Page, client: Callable[..., Any], peer: Any) -> None:
    page.clock.install()
    client()
    peer.visit().welcome()
    page.clock.run_for(40_000)
    peer.visit()


def test_a_server_that_never_welcomes_is_left(page: Page, client: Callable[..., Any], peer: Any) -> None:
    page.clock.install()
    client()
    peer.visit()
    page.clock.run_for(40_000)
    peer.visit()


def test_goodbye_says_when_to_come_back(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    visit.join()
    visit.say("goodbye", code=4200, reason="restarting", retry_ms=250_000)
    visit.link.close(4200)
    state = one.becomes("waiting")
    assert (state["code"], state["reason"]) == (4200, "restarting")
    assert one.does(f"{state['until']} - Date.now() > 100_000")
    one.does("dispatchEvent(new Event('online'))")
    assert peer.is_left_alone()


def test_a_refused_credential_ends_it(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    visit.say("goodbye", code=4010, reason="credential_ended")
    visit.link.close(4010)
    assert one.becomes("offline")["reason"] == "credential_ended"
    assert peer.is_left_alone()


def test_the_network_coming_back_ends_the_wait(page: Page, client: Callable[..., Any], peer: Any) -> None:
    page.evaluate("Math.random = () => 500")  # for ever, nearly
    one = client()
    peer.visit().link.close(1011)
    one.becomes("waiting")
    one.does("dispatchEvent(new Event('online'))")
    peer.visit()


def test_a_ticket_is_asked_for_each_connection(client: Callable[..., Any], peer: Any) -> None:
    client(has_tickets=True)
    first = peer.visit()
    first.link.close(1012)
    assert [first.offered, peer.visit().offered] == ["bugwire.v1, ticket.T1", "bugwire.v1, ticket.T2"]


def test_a_ticket_that_fails_is_asked_for_again(page: Page, peer: Any) -> None:
    page.evaluate(
        """(url) => { let asked = 0; const ticket = async () => { if (!asked++) throw new Error(); return "T"; };
                      new Stream(url, {}, { ticket }).connect(); }""",
        f"ws://{peer.address}/",
    )
    assert peer.visit().offered == "bugwire.v1, ticket.T"


def test_close_ends_it(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    visit.join()
    one.does("stream.close()")
    with pytest.raises(ConnectionClosed):
        visit.hear("nothing")
    assert peer.is_left_alone()


def test_one_ticket_may_grow_old_on_its_way(client: Callable[..., Any], peer: Any) -> None:
    one = client(has_tickets=True)
    for _ in range(2):
        peer.visit().link.close(4001)
    one.becomes("offline")
    assert peer.is_left_alone()
