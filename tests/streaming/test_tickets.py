"""Tickets: one socket, half a minute, one origin, one address, and never more than who asked for it."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apikeys import services as keys
from audit.actors import SYSTEM
from bugs.models import Membership, User
from streaming import tickets
from streaming.sockets import Credential

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]
APP = "https://app.example.com"
PATH = "/api/v1/stream/tickets/"


@pytest.fixture
def ask(key: tuple[Any, str]) -> Callable[..., Any]:
    def post(token: str = key[1], **body: Any) -> Any:
        return APIClient().post(PATH, body, format="json", headers={"Authorization": f"Bearer {token}"})

    return post


@pytest.fixture
def enter(client: Open) -> Open:
    """Opens a socket with a ticket, from a page."""

    def open_(ticket: str, origin: str | None = APP, **more: Any) -> Any:
        return client(token=None, origin=origin, subprotocols=["bugwire.v1", f"ticket.{ticket}"], **more)

    return open_


def closed(client: Any) -> int:
    with pytest.raises(ConnectionClosed) as ended:
        while True:
            client.next(10)
    return ended.value.rcvd.code


def test_a_page_opens_a_socket_with_one(ask: Any, enter: Open) -> None:
    answer = ask(origin=APP)
    assert (answer.status_code, answer.json()["expires_in"], answer.json()["origin"]) == (201, 30, APP)
    one = enter(answer.json()["ticket"])
    assert (one.next()["op"], one.link.subprotocol) == ("welcome", "bugwire.v1")


def test_it_is_good_once(ask: Any, enter: Open) -> None:
    ticket = ask(origin=APP).json()["ticket"]
    assert enter(ticket).next()["op"] == "welcome"
    with pytest.raises(InvalidStatus) as refused:  # from a foreign origin a bad ticket is a foreign origin
        enter(ticket)
    assert refused.value.response.status_code == 403


def test_from_our_own_origin_a_bad_one_closes_4001(enter: Open) -> None:
    for bad in ("x", "x" * 5_000, tickets.secrets.token_urlsafe(32)):
        assert closed(enter(bad, origin=settings.STREAM_ORIGINS[0])) == 4001


def test_another_origin_or_address_may_not_use_it(ask: Any, enter: Open) -> None:
    for bound in ({"origin": "https://app.example.com.evil.example"}, {"origin": APP, "address": "203.0.113.7"}, {}):
        with pytest.raises(InvalidStatus) as refused:
            enter(ask(**bound).json()["ticket"])
        assert refused.value.response.status_code == 403
    assert closed(enter(ask(origin=APP).json()["ticket"], origin=settings.STREAM_ORIGINS[0])) == 4001


def test_an_old_one_is_gone(ask: Any, enter: Open, valkey: redis.Redis) -> None:
    ticket = ask(origin=APP).json()["ticket"]
    (name,) = valkey.keys("bugwire:ticket:*")
    assert 0 < valkey.ttl(name) <= tickets.SECONDS
    valkey.expire(name, 0)
    with pytest.raises(InvalidStatus):
        enter(ticket)


def test_redis_holds_nothing_that_opens_anything(ask: Any, key: tuple[Any, str], valkey: redis.Redis) -> None:
    ticket = ask(origin=APP).json()["ticket"]
    (name,) = valkey.keys("bugwire:ticket:*")
    kept = name + valkey.get(name)
    for secret in (ticket, key[1], str(key[0].pk), APP):
        assert secret.encode() not in kept


def test_its_socket_ends_with_the_key(ask: Any, enter: Open, key: tuple[Any, str]) -> None:
    one = enter(ask(origin=APP).json()["ticket"])
    assert one.next()["op"] == "welcome"
    keys.revoke(key[0].pk, by=SYSTEM)
    assert closed(one) == 4010


def test_it_gives_nothing_that_the_key_lacks(ask: Any, carol: User) -> None:
    issue: dict[str, Any] = {"owner_id": carol.pk, "permissions": {"read"}, "by": SYSTEM}
    bound = keys.issue(name="b", endpoints=["stream_tickets_create"], **issue)[1]
    assert ask(token=bound, origin=APP).json()["code"] == "endpoint_not_allowed"
    both = keys.issue(name="c", endpoints=["stream_*"], **issue)[1]
    assert ask(token=both, origin=APP).status_code == 201
    writes = keys.issue(name="d", owner_id=carol.pk, permissions={"write"}, by=SYSTEM)[1]
    assert ask(token=writes, origin=APP).status_code == 403


def test_a_ticket_and_a_key_together_are_refused(ask: Any, enter: Open, key: tuple[Any, str]) -> None:
    ours = settings.STREAM_ORIGINS[0]
    with pytest.raises(InvalidStatus) as refused:
        enter(ask(origin=ours).json()["ticket"], origin=ours, headers={"X-API-Key": key[1]})
    assert refused.value.response.status_code == 400


def sessions(carol: User) -> Browser:
    browser = Browser()
    browser.force_login(carol)
    return browser


def test_a_session_gets_them_for_our_origins_alone(carol: User, enter: Open) -> None:
    Membership.objects.filter(user=carol).update(role="admin")
    browser, ours = sessions(carol), settings.STREAM_ORIGINS[0]
    refused = browser.post(PATH, {"origin": APP}, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/origin")
    ticket = browser.post(PATH, headers={"Origin": ours}, content_type="application/json").json()["ticket"]
    one = enter(ticket, origin=ours)
    assert one.next()["op"] == "welcome"
    browser.logout()
    assert closed(one) == 4010


ORIGINS = {
    "https://app.example.com": True,
    "https://app.example.com:8443": True,
    "http://localhost:5173": True,
    "http://127.0.0.1": True,
    "http://app.example.com": False,
    "null": False,
    "https://app.example.com/": False,
    "https://user@app.example.com": False,
    "https://APP.example.com": False,
    "https://*.example.com": False,
    "https://": False,
    "https://exämple.com": False,
    "https://app.example.com\n": False,
    "file://": False,
}


@pytest.mark.parametrize("text", ORIGINS)
def test_origins_are_what_browsers_send(text: str) -> None:
    assert tickets.is_origin(text) is ORIGINS[text]


@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_a_ticket_means_what_it_was_issued_for(name: str, origin: str, address: str) -> None:
    credential = Credential("session", name, "")
    ticket = tickets.issue(credential, origin=origin, address=address)
    assert tickets.redeem(ticket.text, origin=origin, address=address) == credential
    assert tickets.redeem(ticket.text, origin=origin, address=address) is None
    moved = tickets.issue(credential, origin=origin, address=address)
    assert tickets.redeem(moved.text, origin=origin + "x", address=address) is None
