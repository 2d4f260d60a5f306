"""What callers write into a request changes neither what is admitted nor whose address is recorded."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apikeys import tokens
from apikeys.limits import counting, failures

BUGS = "/api/v1/bugs/"
PEER = "203.0.113.7"
NAMES = (
    *("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "CF-Connecting-IPv6", "True-Client-IP", "X-Client-IP"),
    *("X-Cluster-Client-IP", "Fastly-Client-IP", "X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "Client-IP"),
    *("X-Forwarded", "Forwarded-For", "X-ProxyUser-IP", "WL-Proxy-Client-IP", "Proxy-Client-IP", "X-Azure-ClientIP"),
    *("X-Envoy-External-Address", "X-Appengine-User-IP", "X-Original-Forwarded-For", "Remote-Addr", "X-Host"),
)
HEADERS = [
    *({name: "198.51.100.1"} for name in NAMES),
    {"X-Forwarded-For": ", ".join(f"198.51.100.{number}" for number in range(10))},
    {"X-Forwarded-For": "2001:db8::1"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "::1, 10.0.0.1"},
    {"X-Forwarded-For": "unknown, ,junk"},
    {"X-Forwarded-For": "198.51.100.1:80"},
    {"X-Forwarded-For": "198.51.100.1, " * 5_000},
    {"Forwarded": 'for=198.51.100.1;proto=https;by="[::1]"'},
    {"Via": "1.1 198.51.100.1"},
    {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
    {"X-HTTP-Method-Override": "OPTIONS"},
    {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz"},
    {"X-Request-ID": "another-request", "User-Agent": "another", "Origin": "https://elsewhere.example"},
    {"Accept": "text/html", "Content-Type": "text/plain", "Cookie": "bugwire_session=another"},
    {"Idempotency-Key": "another", "If-None-Match": "*", "Cache-Control": "no-cache"},
    {"Connection": "X-Forwarded-For, close", "X-Forwarded-For": "198.51.100.1"},
]
PATHS = [
    *("/api/v1/bugs", "//api/v1/bugs/", "/api//v1/bugs/", "/API/V1/BUGS/", "/api/v1/./bugs/", "/api/v1/x/../bugs/"),
    *("/api/v1/bugs/;a=b", "/api/v1/bugs/%20", "/api/v1/%62ugs/", "/api/v1/bugs%2f", "/api/v1/bugs/?limit=1"),
    *("/api/v1/bugs/?X-Forwarded-For=198.51.100.1", "/api/v1/bugs/?_method=OPTIONS", "/api/v1/bugs/?format=json"),
]
Api = Callable[..., Any]


def test_the_table_is_long() -> None:
    assert len(HEADERS) + len(PATHS) >= 50


@pytest.fixture
def used_up(api: Api, web: Any) -> Any:
    """A client with nothing left."""
    client = api("carol", rate_limits={"requests_per_hour": 1})
    assert client.get(BUGS, REMOTE_ADDR=PEER).status_code == 200
    return client


@pytest.fixture
def notorious(settings: Any) -> Iterator[None]:
    """The peer has guessed too often."""
    settings.FAILED_AUTH_PER_MINUTE = 10**6
    failures.sources.clear()
    bucket = failures._bucket(PEER)
    for _ in range(30):
        counting.spend_here([bucket], memory=failures.sources)
    settings.FAILED_AUTH_PER_MINUTE = 10
    yield
    failures.sources.clear()


@pytest.mark.parametrize("forged", HEADERS, ids=str)
def test_no_header_buys_another_call(used_up: Any, forged: dict[str, str]) -> None:
    assert used_up.get(BUGS, headers=forged, REMOTE_ADDR=PEER).status_code == 429


@pytest.mark.parametrize("forged", HEADERS, ids=str)
def test_no_header_is_another_address(api: Api, db: None, forged: dict[str, str]) -> None:
    assert api().get(BUGS, headers=forged, REMOTE_ADDR=PEER).wsgi_request.client_ip == PEER


@pytest.mark.parametrize("forged", HEADERS, ids=str)
def test_no_header_makes_a_guesser_another_one(api: Api, db: None, notorious: None, forged: dict[str, str]) -> None:
    guess = api(key=tokens.generate()).get(BUGS, headers=forged, REMOTE_ADDR=PEER)
    assert (guess.status_code, guess.json()["code"]) == (429, "too_many_failures")


@pytest.mark.parametrize("path", PATHS)
def test_no_spelling_of_a_path_buys_another_call(used_up: Any, path: str) -> None:
    assert used_up.get(path, REMOTE_ADDR=PEER).status_code in (301, 400, 404, 429)


@pytest.mark.parametrize("method", ["head", "options", "post", "put", "patch", "delete"])
def test_no_method_buys_another_call(used_up: Any, method: str) -> None:
    assert getattr(used_up, method)(BUGS, REMOTE_ADDR=PEER).status_code == 429


def test_the_other_place_for_the_key_buys_no_other_call(api: Api, web: Any, key_of: Callable[..., str]) -> None:
    key, client = key_of("carol", rate_limits={"requests_per_hour": 1}), api()
    ways = [{"Authorization": f"Bearer {key}"}, {"X-API-Key": key}, {"Authorization": f"bearer  {key} "}]
    assert [client.get(BUGS, headers=way).status_code for way in ways] == [200, 429, 429]


@pytest.mark.parametrize(("peer", "is_secure"), [("10.0.0.1", True), ("203.0.113.7", False)])
def test_only_a_proxy_of_ours_can_say_that_a_call_came_over_tls(
    api: Api, db: None, settings: Any, peer: str, is_secure: bool
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    answer = api().get(BUGS, headers={"X-Forwarded-Proto": "https"}, REMOTE_ADDR=peer)
    assert answer.wsgi_request.is_secure() is is_secure


def test_behind_a_proxy_each_client_is_a_source_of_its_own(api: Api, db: None, settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    answer = api().get(BUGS, headers={"X-Forwarded-For": "1.1.1.1, 198.51.100.9"}, REMOTE_ADDR="10.0.0.1")
    assert answer.wsgi_request.client_ip == "198.51.100.9"
