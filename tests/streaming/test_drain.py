"""How a process ends its sockets: a last word for each, a time to come back, and nobody new meanwhile."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apikeys import services as keys
from audit.actors import SYSTEM
from streaming import closing, control
from streaming.admission import farewell
from streaming.fanout import tailing
from tests.streaming import raw
from tests.streaming.conftest import StreamProcess
from tests.streaming.raw import RawClient

Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def open_door() -> Iterator[None]:
    control._quiet_until = 0.0
    yield
    farewell.close_door(0)


class Told:
    """A socket that goes when it is told."""

    def __init__(self, sockets: set[Any]) -> None:
        self.sockets, self.words = sockets, list[tuple[int, int | None]]()
        sockets.add(self)

    def close(self, code: int, retry_ms: int | None = None) -> None:
        self.words.append((code, retry_ms))
        self.sockets.discard(self)


@given(st.integers(1, 10_000), st.floats(0, 60))
def test_times_to_come_back_are_spread_evenly(count: int, first: float) -> None:
    waits = list(farewell.waits(count, first))
    spread = max(farewell.LEAST_SPREAD_SECONDS, count / farewell.PER_SECOND)
    assert len(waits) == count
    assert first * 1_000 - 1 <= min(waits) and max(waits) <= (first + spread) * 1_000
    in_one_second = sum(waits[0] <= wait < waits[0] + 1_000 for wait in waits)
    assert in_one_second <= farewell.PER_SECOND + 1


def test_each_socket_is_told_once_and_late_ones_too() -> None:
    sockets: set[Any] = set()
    early = [Told(sockets) for _ in range(1_000)]

    async def play() -> tuple[int, Told]:
        draining = asyncio.create_task(farewell.drain(sockets, within=1))
        await asyncio.sleep(0)
        late = Told(sockets)
        return await draining, late

    told, late = asyncio.run(play())
    assert told == 1_001 and not sockets
    assert all([code for code, _ in one.words] == [closing.RESTARTING] for one in (*early, late))


def test_a_socket_that_does_not_go_holds_up_nothing() -> None:
    class Deaf(Told):
        def close(self, code: int, retry_ms: int | None = None) -> None:
            self.words.append((code, retry_ms))

    sockets: set[Any] = set()
    deaf = Deaf(sockets)
    assert asyncio.run(farewell.drain(sockets, within=0.2)) == 1
    assert len(deaf.words) == 1


def test_others_have_turns_while_thousands_are_told() -> None:
    sockets: set[Any] = set()
    for _ in range(5_000):
        Told(sockets)

    async def play() -> int:
        draining, turns = asyncio.create_task(farewell.drain(sockets)), 0
        while not draining.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(play()) > farewell.SLICES / 2


def _last_words(one: Any) -> tuple[dict[str, Any], int]:
    with pytest.raises(ConnectionClosed) as closed:
        while (message := one.next(10))["op"] != "goodbye":
            pass
        one.next(10)
    return message, closed.value.rcvd.code


@pytest.mark.django_db(transaction=True)
def test_a_process_that_ends_says_goodbye_first(listener: Open, stream_process: StreamProcess) -> None:
    clients = [listener() for _ in range(20)]
    ending = threading.Thread(target=stream_process.end)
    ending.start()
    words = [_last_words(one) for one in clients]
    ending.join(10)
    assert not ending.is_alive()
    assert {(message["code"], message["reason"], code) for message, code in words} == {(4200, "restarting", 4200)}
    waits = sorted(message["retry_ms"] for message, _ in words)
    assert len(set(waits)) == 20 and waits[0] >= 1_000 and waits[-1] <= 2_001


@pytest.mark.django_db(transaction=True)
def test_a_drain_lets_all_go_and_nobody_in_for_a_while(
    valkey: redis.Redis, client: Open, server: str, key: tuple[Any, str]
) -> None:
    one = client()
    assert one.next()["op"] == "welcome"
    _wait_for_members(valkey)
    call_command("drain_streams", seconds=3.0)
    message, code = _last_words(one)
    assert (code, message["reason"]) == (4200, "restarting") and message["retry_ms"] >= 3_000
    for request in (raw.handshake(server, key[1]), b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"):
        with RawClient(server) as refused:
            assert refused.ask(request) == 503
    _wait_until_let_in(client)


@pytest.mark.django_db(transaction=True)
def test_a_revoked_key_ends_before_the_next_look(
    valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch, listener: Open, key: tuple[Any, str]
) -> None:
    monkeypatch.setattr(tailing, "WATCH_SECONDS", 3_600.0)
    one = listener()
    _wait_for_members(valkey)
    monkeypatch.setattr(control, "_quiet_until", 0.0)  # that the key was issued was a word too
    keys.revoke(key[0].pk, by=SYSTEM)
    message, code = _last_words(one)
    assert (code, message["reason"]) == (4010, "credential_ended")


def test_who_changes_rights_is_not_held_up_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    with override_settings(CHANNEL_LAYERS=_unreachable()):
        monkeypatch.setattr(control.time, "monotonic", lambda: 1_000.0)
        for _ in range(100):
            control.rights_changed({"type": "member.left"})
            calls.append(control._quiet_until)
    assert set(calls) == {1_000.0 + control.QUIET_SECONDS}


def test_a_drain_that_nobody_hears_of_is_an_error() -> None:
    with override_settings(CHANNEL_LAYERS=_unreachable()), pytest.raises(CommandError, match="Redis"):
        call_command("drain_streams")


@pytest.mark.parametrize("seconds", [0.0, 0.9, 601.0])
def test_the_time_of_a_drain_is_bounded(seconds: float) -> None:
    with pytest.raises(CommandError, match="1 to 600"):
        call_command("drain_streams", seconds=seconds)


def test_words_are_heard_again_after_redis_forgot_the_group(
    valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "JOIN_SECONDS", 0.2)

    async def forget() -> None:
        valkey.flushdb()

    _hears_again_after(forget, valkey)


def test_words_are_heard_again_after_one_that_makes_no_sense(valkey: redis.Redis, monkeypatch: Any) -> None:
    monkeypatch.setattr(control, "PAUSE_SECONDS", 0.0)
    _hears_again_after(lambda: control._send({"what": "is this"}), valkey)


def _hears_again_after(upset: Callable[[], Awaitable[None]], valkey: redis.Redis) -> None:
    """Twice: whoever was upset once can be upset again."""
    heard = asyncio.Event()

    async def hear(message: Any) -> None:
        heard.set()

    async def play() -> None:
        listening = asyncio.create_task(control.listen({control.RIGHTS_CHANGED: hear}))
        for _ in range(2):
            await asyncio.to_thread(_wait_for_members, valkey)
            await upset()
            while not heard.is_set():
                await control._send({"type": control.RIGHTS_CHANGED})
                await asyncio.sleep(0.05)
            heard.clear()
        listening.cancel()

    asyncio.run(asyncio.wait_for(play(), 10))


def _unreachable() -> dict[str, Any]:
    backend = "channels_redis.core.RedisChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]}}}


def _wait_for_members(valkey: redis.Redis) -> None:
    """A server that has just begun joins the channel a moment later."""
    end = time.monotonic() + 10
    while not valkey.zcard(f"asgi:group:{control.GROUP}"):
        assert time.monotonic() < end
        time.sleep(0.01)


def _wait_until_let_in(client: Open) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            assert client().next()["op"] == "welcome"
            return
        except InvalidStatus:
            assert time.monotonic() < end
            time.sleep(0.2)
