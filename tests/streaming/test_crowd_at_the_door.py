"""Those who cannot even wait are sent away before anything is made for them; a refusal is no error of ours."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import uvicorn
import uvloop
from websockets.exceptions import InvalidStatus

from config.stream.server import ACCEPTS, APPLICATION, OPTIONS, StreamServer
from config.stream.waiting import Gate
from streaming import routing
from streaming.admission.places import Places
from streaming.admission.turns import Turns

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


def test_in_a_turn_of_the_loop_many_are_taken() -> None:
    """libuv takes one of each listening handle; however busy the loop is, a crowd must not wait in the kernel."""
    crowd, taken, turns = 100, list[Any](), 0

    class Door(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            taken.append(transport)

    async def play() -> None:
        nonlocal turns
        loop = asyncio.get_running_loop()
        doors = StreamServer(uvicorn.Config(APPLICATION, "127.0.0.1", 0, **OPTIONS))._doors()
        servers = [await loop.create_server(Door, sock=one) for one in doors]
        with contextlib.ExitStack() as held:
            for _ in range(crowd):
                held.enter_context(socket.create_connection(doors[0].getsockname()))
            while len(taken) < crowd:
                turns += 1
                await asyncio.sleep(0)
        for one in servers:
            one.close()

    uvloop.run(play())
    assert turns <= 2 * crowd / ACCEPTS
