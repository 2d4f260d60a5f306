"""Tickets: one socket, half a minute, one origin, one address, and never more than who asked for it."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import OperationalError
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apikeys import services as keys
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from bugs.models import Membership, Project, User
from streaming import redis_client
from streaming.admission import tickets
from streaming.fanout import rights
from streaming.fanout.sockets import Credential

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]
APP = "https://app.example.com"
OURS = settings.STREAM_ORIGINS[0]
PATH = "/api/v1/stream/tickets/"
UNAUTHENTICATED = ({"op": "goodbye", "code": 4001, "reason": "unauthenticated"}, 4001)
UNAVAILABLE = ({"op": "goodbye", "code": 4100, "reason": "unavailable", "retry_ms": 5_000}, 4100)


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


def refusal(client: Any) -> tuple[dict[str, Any], int]:
    """The first word and the close code of a socket that is not let in."""
    return client.next(), closed(client)


def closed(client: Any) -> int:
    with pytest.raises(ConnectionClosed) as ended:
        while True:
            client.next(10)
    code: int = ended.value.rcvd.code
    return code


def test_a_page_opens_a_socket_with_one(ask: Any, enter: Open) -> None:
    answer = ask(origin=APP)
    assert (answer.status_code, answer.json()["expires_in"], answer.json()["origin"]) == (201, 30, APP)
    one = enter(answer.json()["ticket"])
    assert (one.next()["op"], one.link.subprotocol) == ("welcome", "bugwire.v1")


def test_one_that_is_not_good_is_answered_alike_wherever_it_comes_from(ask: Any, enter: Open) -> None:
    used = ask(origin=APP).json()["ticket"]
    assert enter(used).next()["op"] == "welcome"
    bad = {
        "used": used,
        "made up": tickets.secrets.token_urlsafe(32),
        "too short": "x",
        "too long": "x" * 5_000,
        "of another origin": ask(origin="https://app.example.com.evil.example").json()["ticket"],
        "of another address": ask(origin=APP, address="203.0.113.7").json()["ticket"],
        "of no origin": ask().json()["ticket"],
    }
    assert {name: refusal(enter(ticket)) for name, ticket in bad.items()} == dict.fromkeys(bad, UNAUTHENTICATED)
    assert refusal(enter(tickets.secrets.token_urlsafe(32), origin=OURS)) == UNAUTHENTICATED
    theirs = ask(origin=APP).json()["ticket"]
    assert refusal(enter(theirs, origin=OURS)) == UNAUTHENTICATED


def test_an_old_one_is_gone(ask: Any, enter: Open, valkey: redis.Redis) -> None:
    ticket = ask(origin=APP).json()["ticket"]
    (name,) = valkey.keys("bugwire:ticket:*")
    valkey.expire(name, 0)
    assert refusal(enter(ticket)) == UNAUTHENTICATED


def test_its_socket_ends_with_the_key(ask: Any, enter: Open, carol: User) -> None:
    ends: list[dict[str, Any]] = [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now()},
        {"endpoints": ["bugs_*"]},
        {"ip_whitelist": ["198.51.100.1"]},
    ]
    issued = [keys.issue(name="x", owner_id=carol.pk, permissions={"read"}, by=SYSTEM) for _ in ends]
    sockets = [enter(ask(token, origin=APP).json()["ticket"]) for _, token in issued]
    assert [one.next()["op"] for one in sockets] == ["welcome"] * len(ends)
    for (key, _), end in zip(issued, ends, strict=True):
        ApiKey.objects.filter(pk=key.pk).update(**end)
    assert [closed(one) for one in sockets] == [4010] * len(ends)


def sign_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def change_password(user: User) -> None:
    user.set_password("another")
    user.save()


def test_its_socket_ends_with_the_session(enter: Open, web: Project) -> None:
    people = [User.objects.create_user(name) for name in ("alice", "bob", "dave")]
    for user in people:
        Membership.objects.create(project=web, user=user, role="viewer")
    browsers = [sign_in(user) for user in people]
    sockets = [enter(of_session(browser), origin=OURS) for browser in browsers]
    assert [one.next()["op"] for one in sockets] == ["welcome"] * 3
    browsers[0].logout()
    User.objects.filter(pk=people[1].pk).update(is_active=False)
    change_password(people[2])
    assert [closed(one) for one in sockets] == [4010] * 3


def of_session(browser: Browser) -> str:
    ticket: str = browser.post(PATH, {"origin": OURS}, content_type="application/json").json()["ticket"]
    return ticket


def test_networks_of_a_key_are_asked_about_whoever_asked_for_the_ticket(enter: Open, carol: User) -> None:
    key, token = keys.issue(name="x", owner_id=carol.pk, permissions={"read"}, ip_whitelist=["192.0.2.0/24"], by=SYSTEM)
    sent = {"Authorization": f"Bearer {token}"}
    body = {"origin": APP, "address": "127.0.0.1"}
    answer = APIClient(REMOTE_ADDR="192.0.2.9").post(PATH, body, format="json", headers=sent)
    one = enter(answer.json()["ticket"])
    assert one.next()["op"] == "welcome"
    assert one.hears_nothing(1.5)
    ApiKey.objects.filter(pk=key.pk).update(ip_whitelist=["127.0.0.1"])
    assert closed(one) == 4010


def test_a_ticket_and_a_key_together_are_refused(ask: Any, enter: Open, key: tuple[Any, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        enter(ask(origin=OURS).json()["ticket"], origin=OURS, headers={"X-API-Key": key[1]})
    assert refused.value.response.status_code == 400


def test_while_nobody_can_look_it_up_it_is_told_to_come_back(
    ask: Any, enter: Open, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(credentials: Any) -> Any:
        raise OperationalError("the server closed the connection unexpectedly")

    first, second = (ask(origin=APP).json()["ticket"] for _ in range(2))
    monkeypatch.setattr(rights, "read", away)
    assert refusal(enter(first)) == UNAVAILABLE
    settings.REDIS_URL = "redis://127.0.0.1:1"
    redis_client.within.cache_clear()
    assert refusal(enter(second)) == UNAVAILABLE
    redis_client.within.cache_clear()


@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_a_ticket_means_what_it_was_issued_for(name: str, origin: str, address: str) -> None:
    credential = Credential("session", name, "")
    ticket = tickets.issue(credential, origin=origin, address=address)
    assert tickets.redeem(ticket.text, origin=origin, address=address) == credential
    assert tickets.redeem(ticket.text, origin=origin, address=address) is None
    moved = tickets.issue(credential, origin=origin, address=address)
    assert tickets.redeem(moved.text, origin=origin + "x", address=address) is None
