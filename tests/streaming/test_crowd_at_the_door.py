"""Those who cannot even wait are sent away before anything is made for them; a refusal is no error of ours."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from websockets.exceptions import InvalidStatus

from config.stream.waiting import Gate
from streaming import routing
from streaming.places import Places
from streaming.turns import Turns

Open = Callable[..., Any]


@pytest.fixture
def refusal(server: str, client: Open, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(routing.sockets, "sockets", Places(0))
    with pytest.raises(InvalidStatus) as refused:
        client()
    return refused.value.response


def test_who_is_sent_away_hears_when_to_come_back(refusal: Any) -> None:
    assert refusal.status_code == 503
    assert 1 <= int(refusal.headers["Retry-After"]) <= 10
    assert orjson.loads(refusal.body)["code"] == "unavailable"


def test_with_a_free_turn_nobody_has_to_be_able_to_wait(client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing.sockets, "turns", Turns(at_work=1, waiting=0, patience=5))
    assert client().next()["op"] == "welcome"


def test_a_refusal_by_the_application_is_no_error_in_the_log(client: Open, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "uvicorn.error"), pytest.raises(InvalidStatus):
        client(origin="https://elsewhere.example.com")
    assert caplog.records == []


def test_equal_messages_share_a_frame_and_arrive_whole(listener: Open) -> None:
    one = listener()
    long = "ü" * 60
    for _ in range(3):
        one.send("ping", t=long)
    assert [one.next()["t"] for _ in range(3)] == [long] * 3


async def test_who_waits_at_a_closed_gate_goes_on_when_it_opens() -> None:
    gate = Gate()
    assert await gate.wait()
    gate.clear()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert not waiting[1].done()
    gate.set()
    assert await waiting[1]
