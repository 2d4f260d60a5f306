"""Delivery: at once where nothing waits, in order where it does, and never after its end."""

import asyncio

import pytest

from streaming.fanout.delivery import Delivery
from streaming.fanout.outbox import Outbox
from streaming.recording import SocketRecord

SCOPE = {"path": "/ws/v1/stream", "client_ip": "192.0.2.7", "headers": []}


class Peer:
    """Takes what it is given while it keeps up."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.keeps_up = asyncio.Event()
        self.keeps_up.set()
        self.record = SocketRecord(SCOPE)
        self.outbox = Outbox(lambda sub, token: f"gap {sub} {token}")
        self.delivery = Delivery(self.outbox, self.record, self._send, self._send_now)

    async def _send(self, text: str) -> None:
        await self.keeps_up.wait()
        self.taken.append(text)

    def _send_now(self, text: str) -> bool:
        if self.keeps_up.is_set():
            self.taken.append(text)
        return self.keeps_up.is_set()


@pytest.fixture
async def peer() -> Peer:
    return Peer()


def event(peer: Peer, text: str) -> None:
    peer.outbox.put_event(text, "s", "1")


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_nothing_goes_before_the_start(peer: Peer) -> None:
    event(peer, "early")
    await settle()
    assert peer.taken == []
    peer.delivery.start()
    await settle()
    assert peer.taken == ["early"]


async def test_a_client_that_keeps_up_has_it_before_the_call_returns(peer: Peer) -> None:
    peer.delivery.start()
    event(peer, "event")
    peer.outbox.put("answer")
    assert peer.taken == ["event", "answer"]


async def test_what_comes_later_does_not_overtake_what_waits(peer: Peer) -> None:
    peer.delivery.start()
    peer.keeps_up.clear()
    event(peer, "first")
    await settle()
    peer.keeps_up.set()
    event(peer, "second")  # the first is on its way, and no longer in the outbox
    await settle()
    event(peer, "third")
    assert peer.taken == ["first", "second", "third"]


async def test_live_events_wait_for_whoever_has_the_turn(peer: Peer) -> None:
    peer.delivery.start()
    async with peer.delivery.turn:
        event(peer, "live")
        await settle()
        assert peer.taken == []
    await settle()
    assert peer.taken == ["live"]


async def test_events_are_counted_either_way(peer: Peer) -> None:
    peer.delivery.start()
    event(peer, "at once")
    peer.keeps_up.clear()
    event(peer, "waits")
    peer.outbox.put("an answer, no event")
    peer.keeps_up.set()
    await settle()
    assert len(peer.taken) == 3
    assert peer.record.events == 2


async def test_nothing_goes_after_the_end(peer: Peer) -> None:
    peer.delivery.start()
    peer.keeps_up.clear()
    event(peer, "waits")
    await settle()
    peer.delivery.stop()
    peer.keeps_up.set()
    event(peer, "late")
    await settle()
    assert peer.taken == []


@pytest.fixture
async def gone(peer: Peer) -> list[str]:
    """What was tried with a client that went away."""
    tried: list[str] = []

    async def send(text: str) -> None:
        tried.append(text)
        raise ConnectionResetError

    peer.delivery.send = send
    peer.keeps_up.clear()
    peer.delivery.start()
    for number in range(3):
        event(peer, str(number))
        await settle()
    return tried


async def test_for_a_client_that_went_away_nothing_more_is_tried(gone: list[str]) -> None:
    assert gone == ["0"]


async def test_a_client_that_went_away_is_no_error(caplog: pytest.LogCaptureFixture, gone: list[str]) -> None:
    assert gone and caplog.records == []
