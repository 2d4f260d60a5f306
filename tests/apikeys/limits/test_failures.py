"""Guessing keys: so many guesses of one address are looked at, then none, and whoever has a key is served."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apikeys import authentication, tokens
from apikeys.limits import counting, failures

BUGS = "/api/v1/bugs/"
LIMIT = 20
Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def few_failures(settings: Any, valkey: Any) -> Iterator[None]:
    settings.FAILED_AUTH_PER_MINUTE = LIMIT
    failures.sources.clear()
    yield
    failures.sources.clear()


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis has its own clock: these tests count in memory, which can stand still."""
    monkeypatch.setattr(counting.time, "time", lambda: 1_800_000_030.0)
    monkeypatch.setattr(counting.script, "call", lambda keys, words: None)


def guess(api: Api, address: str = "198.51.100.7", key: str = "") -> Any:
    return api(key=key or tokens.generate()).get(BUGS, REMOTE_ADDR=address)


def looked_at(work: Callable[[], Any]) -> int:
    """Questions to the table of keys."""
    with CaptureQueriesContext(connection) as seen:
        work()
    return sum("apikeys_apikey" in one["sql"] and "digest" in one["sql"] for one in seen)


def test_after_twenty_failures_the_next_is_told_to_wait(api: Api, db: None, settings: Any) -> None:
    settings.WEB_PROCESSES = 1
    codes = [guess(api).json()["code"] for _ in range(LIMIT + 5)]
    assert codes == ["invalid_key"] * LIMIT + ["too_many_failures"] * 5


def test_one_is_told_until_when(api: Api, db: None) -> None:
    answers = [guess(api) for _ in range(LIMIT + 5)]
    assert (answers[-1].status_code, answers[-1]["Retry-After"]) == (429, "30")


def test_a_valid_key_of_the_same_address_works(api: Api, web: Any, key_of: Callable[..., str], settings: Any) -> None:
    settings.WEB_PROCESSES = 1
    for _ in range(LIMIT + 5):
        guess(api)
    assert guess(api, key=key_of("carol")).status_code == 200


def test_a_valid_key_in_use_works_however_many_are_guessed(
    api: Api, web: Any, key_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "KNOWN_SECONDS", 0.0)
    key = key_of("carol")
    guess(api, key=key)
    for _ in range(3 * LIMIT):
        guess(api)
    assert guess(api, key=key).status_code == 200


def test_guesses_are_looked_at_twice_as_often_as_allowed_and_no_more(api: Api, db: None, settings: Any) -> None:
    settings.WEB_PROCESSES = 1
    assert looked_at(lambda: [guess(api) for _ in range(100)]) == 2 * LIMIT


def test_none_of_many_guesses_is_let_in(api: Api, db: None) -> None:
    assert {guess(api).status_code for _ in range(100)} == {401, 429}


def test_junk_counts_and_asks_nobody(api: Api, db: None) -> None:
    codes: list[str] = []
    junk = "bw_live_" + "x" * 36
    assert looked_at(lambda: codes.extend(guess(api, key=junk).json()["code"] for _ in range(LIMIT + 5))) == 0
    assert codes == ["invalid_key"] * LIMIT + ["too_many_failures"] * 5


def test_another_address_is_not_concerned(api: Api, db: None) -> None:
    for _ in range(2 * LIMIT):
        guess(api)
    assert guess(api, "198.51.100.8").status_code == 401


def test_half_of_an_ipv6_address_is_one_source(api: Api, db: None) -> None:
    for number in range(2 * LIMIT):
        guess(api, f"2001:db8::{number:x}")
    assert guess(api, "2001:db8::ffff:1").status_code == 429
    assert guess(api, "2001:db8:0:1::1").status_code == 401


def test_an_ipv4_address_within_ipv6_is_the_same(api: Api, db: None) -> None:
    for _ in range(2 * LIMIT):
        guess(api)
    assert guess(api, "::ffff:198.51.100.7").status_code == 429


def test_no_credential_at_all_is_no_failure(api: Api, db: None) -> None:
    for _ in range(2 * LIMIT):
        assert api().get(BUGS, REMOTE_ADDR="198.51.100.7").status_code == 401
    assert guess(api).status_code == 401


def test_failures_are_counted_in_redis_for_all_processes(monkeypatch: pytest.MonkeyPatch, valkey: Any) -> None:
    from apikeys.limits import script

    monkeypatch.setattr(counting.script, "call", script.Script.call.__get__(counting.script))
    failures.note("198.51.100.9")
    assert valkey.hget("limit:{failed}:198.51.100.9", "minute") == b"1"


def test_a_flushed_redis_forgives_nothing(monkeypatch: pytest.MonkeyPatch, valkey: Any) -> None:
    from apikeys.limits import script
    from config.api.problems import Problem

    monkeypatch.setattr(counting.script, "call", script.Script.call.__get__(counting.script))
    refused = 0
    for number in range(3 * LIMIT):
        if number % 5 == 0:
            valkey.flushdb()
        try:
            failures.note("198.51.100.10")
        except Problem:
            refused += 1
    assert refused >= LIMIT  # a minute may begin in the middle, and no other
