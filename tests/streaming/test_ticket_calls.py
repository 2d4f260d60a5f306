"""Tickets over REST: who gets one, for which origin and address, and that the call counts like any other."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from apikeys import services as keys
from audit.actors import SYSTEM
from audit.models import AccessRecord
from bugs.models import User
from streaming import redis_client
from streaming.admission import tickets

pytestmark = pytest.mark.django_db
APP = "https://app.example.com"
PATH = "/api/v1/stream/tickets/"


@pytest.fixture
def carol(people_of_web: dict[str, User]) -> User:
    return people_of_web["carol"]


@pytest.fixture
def ask(carol: User) -> Callable[..., Any]:
    """Asks for a ticket with a key of these bounds."""

    def post(body: dict[str, str] | None = None, headers: dict[str, str] | None = None, **bounds: Any) -> Any:
        bounds = {"permissions": {"read"}, **bounds}
        _, token = keys.issue(name="x", owner_id=carol.pk, by=SYSTEM, **bounds)
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        return APIClient().post(PATH, body or {}, format="json", headers=sent)

    return post


@pytest.fixture
def away(settings: Any) -> Iterator[None]:
    """Redis does not answer."""
    settings.REDIS_URL = "redis://127.0.0.1:1"
    redis_client.within.cache_clear()
    yield
    redis_client.within.cache_clear()


def test_it_gives_nothing_that_the_key_lacks(ask: Callable[..., Any]) -> None:
    assert ask(permissions={"write"}).status_code == 403
    for half in ("stream_tickets_create", "stream_connect"):
        answer = ask(endpoints=[half])
        assert (answer.status_code, answer.json()["code"]) == (403, "endpoint_not_allowed")
    assert ask(endpoints=["stream_*"]).status_code == 201


def test_nobody_gets_none() -> None:
    assert APIClient().post(PATH, {}, format="json").status_code == 401


def test_it_is_bound_to_the_call_unless_told_otherwise(ask: Callable[..., Any]) -> None:
    own = ask(headers={"Origin": APP}).json()
    assert (own["origin"], own["address"]) == (APP, "127.0.0.1")
    named = ask({"origin": "http://localhost:5173", "address": "::ffff:203.0.113.7"}, headers={"Origin": APP}).json()
    assert (named["origin"], named["address"]) == ("http://localhost:5173", "203.0.113.7")
    assert ask().json()["origin"] == ""


def test_an_address_is_written_as_sockets_have_it(ask: Callable[..., Any]) -> None:
    assert ask({"address": "2001:DB8:0:0::7"}).json()["address"] == "2001:db8::7"
    assert ask({"address": "fe80::1%eth0"}).json()["address"] == "fe80::1"
    assert ask({"address": "somewhere"}).status_code == 400


@pytest.mark.parametrize("place", ["body", "header"])
def test_an_opaque_origin_gets_none(ask: Callable[..., Any], place: str) -> None:
    answer = ask({"origin": "null"}) if place == "body" else ask(headers={"Origin": "null"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/origin")


def test_an_origin_of_ours_is_good_as_it_is(ask: Callable[..., Any], settings: Any) -> None:
    intranet = "http://bugs.intranet:8000"
    assert ask({"origin": intranet}).status_code == 400
    settings.STREAM_ORIGINS = [intranet]
    assert ask({"origin": intranet}).status_code == 201


def test_a_session_gets_them_for_our_origins_alone(carol: User) -> None:
    browser = Browser()
    browser.force_login(carol)
    for body in ({"origin": APP}, {}):
        refused = browser.post(PATH, body, content_type="application/json")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/origin")
    ours = settings.STREAM_ORIGINS[0]
    assert browser.post(PATH, headers={"Origin": ours}, content_type="application/json").json()["origin"] == ours


def test_a_session_needs_its_csrf_token(carol: User) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(carol)
    body = {"origin": settings.STREAM_ORIGINS[0]}
    assert browser.post(PATH, body, content_type="application/json").status_code == 403


def test_the_call_is_counted_and_written_down(carol: User) -> None:
    limits = {"requests_per_hour": 2}
    key, token = keys.issue(name="x", owner_id=carol.pk, permissions={"read"}, rate_limits=limits, by=SYSTEM)
    answers = [APIClient().post(PATH, headers={"Authorization": f"Bearer {token}"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    rows = AccessRecord.objects.filter(operation="stream_tickets_create").order_by("id")
    assert list(rows.values_list("actor", "status")) == [(f"key:{key.pk}", status) for status in (201, 201, 429)]


def test_without_redis_there_are_none(ask: Callable[..., Any], away: None) -> None:
    answer = ask({"origin": APP})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "2")


def test_redis_holds_nothing_that_opens_anything(ask: Callable[..., Any], valkey: redis.Redis) -> None:
    answer = ask({"origin": APP}).json()
    (name,) = valkey.keys("bugwire:ticket:*")
    kept = name + valkey.get(name)
    key = keys.ApiKey.objects.get()
    for secret in (answer["ticket"], str(key.pk), APP):
        assert secret.encode() not in kept
    assert 0 < valkey.ttl(name) <= tickets.SECONDS


ORIGINS = {
    "https://app.example.com": True,
    "https://app.example.com:8443": True,
    "https://xn--exmple-cua.com": True,
    "https://[2001:db8::7]": True,
    "http://localhost:5173": True,
    "http://127.0.0.1": True,
    "http://app.example.com": False,
    "http://localhost.evil.example": False,
    "null": False,
    "https://app.example.com/": False,
    "https://app.example.com:443": False,
    "http://localhost:80": False,
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


@given(st.text("htps:/[]@.?#1x%A\n", max_size=12).map("https://x".__add__) | st.text(max_size=30))
def test_an_origin_is_a_scheme_a_host_and_no_more(text: str) -> None:
    if tickets.is_origin(text):
        parts = urlsplit(text)
        assert f"{parts.scheme}://{parts.netloc}" == text == text.lower()
        assert parts.hostname
        assert (parts.username, parts.password) == (None, None)
