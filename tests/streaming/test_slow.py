"""Clients that do not read: what waits for them is bounded, and so is how long they stay."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import orjson
import pytest
import uvloop
from websockets.exceptions import ConnectionClosed

from audit.actors import SYSTEM
from audit.models import AccessRecord
from bugs import services
from bugs.models import Project
from config.stream import opening
from streaming.admission import flow, handshakes
from streaming.admission.places import Places
from streaming.fanout import outbox, tailing
from tests.streaming.raw import TEXT, RawClient, frame

pytestmark = pytest.mark.django_db(transaction=True)
STALLED = 3
ECHO = frame(TEXT, orjson.dumps({"op": "ping", "t": "x" * 60_000}))


@pytest.fixture
def few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "CALLERS", Places(STALLED))


@pytest.fixture
def stalled(few_places: None, server: str, key: tuple[Any, str]) -> Iterator[list[RawClient]]:
    """Clients that make the server say much, and take none of it."""
    with ExitStack() as held:
        clients = [held.enter_context(RawClient(server, receive_buffer=4096)) for _ in range(STALLED)]
        for one in clients:
            assert b"welcome" in one.open(server, key[1]).next_frame()[1]
        yield clients


def test_a_stalled_client_loses_its_place_within_seconds(stalled: list[RawClient], client: Callable[..., Any]) -> None:
    one_more = client()
    assert one_more.next()["op"] == "goodbye"
    with pytest.raises(ConnectionClosed) as closed:
        one_more.next()
    assert closed.value.rcvd.code == 4109
    for one in stalled:
        one.send(ECHO * (outbox.MAX_BYTES // len(ECHO) + 12))
    _wait_until_gone(STALLED)
    assert client().next()["op"] == "welcome"


def test_one_that_says_it_is_done_and_takes_nothing_loses_its_place_too(stalled: list[RawClient]) -> None:
    for one in stalled:
        one.send(ECHO * 5)  # more than a socket's buffers take, less than is dropped
        one.socket.shutdown(socket.SHUT_WR)
    _wait_until_gone(STALLED)


def test_a_close_in_the_midst_of_a_replay_is_written_down(
    server: str, key: tuple[Any, str], listener: Callable[..., Any], web: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = listener().token
    for _ in range(60):
        services.report(project_id=web.pk, by=SYSTEM, title="Blank", description="x" * 50_000)
    monkeypatch.setattr(tailing, "SILENCE_SECONDS", 2.0)
    asked = {"op": "subscribe", "id": "s", "type": "new_bugs", "format": "detailed", "resume": token}
    with RawClient(server, receive_buffer=4096) as client:
        assert b"welcome" in client.open(server, key[1]).next_frame()[1]
        client.send(frame(TEXT, orjson.dumps(asked)))
        assert b"subscribed" in client.next_frame()[1]
        _wait_until_gone(2)  # the listener that had the token is silent as well
    assert AccessRecord.objects.filter(operation="stream_close", status=4108).count() == 2


class Ending(asyncio.Protocol):
    def __init__(self) -> None:
        self.lost = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_close_ends_though_the_peer_takes_nothing(
    loop_factory: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CLOSE_SECONDS", 0.2)
    ours, theirs = socket.socketpair()

    async def play() -> None:
        made, ending = await asyncio.get_running_loop().create_connection(Ending, sock=ours)
        transport = opening.EndingTransport(made)
        transport.write(bytes(10_000_000))
        transport.close()
        await asyncio.wait_for(ending.lost, 10)

    with theirs, asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(play())


def test_a_flood_of_messages_is_closed_4129(client: Callable[..., Any]) -> None:
    one = client()
    assert one.next()["op"] == "welcome"
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(10 * flow.BURST):
            one.send("pong")
        while one.next():
            pass
    assert closed.value.rcvd.code == 4129


def test_a_steady_client_is_not_stopped(client: Callable[..., Any]) -> None:
    one = client()
    assert one.next()["op"] == "welcome"
    for number in range(int(flow.BURST)):
        assert one.ask("ping", id=str(number)) == {"op": "pong", "id": str(number)}


def _wait_until_gone(count: int) -> None:
    end = time.monotonic() + 20
    while AccessRecord.objects.filter(operation="stream_close").count() < count:
        assert time.monotonic() < end, "they are still there"
        time.sleep(0.1)
