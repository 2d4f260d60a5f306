"""Places of sockets, turns of handshakes, and the door that answers 503."""

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.admission import farewell
from streaming.admission.handshakes import Handshakes
from streaming.admission.places import Held, NoPlace, Places
from streaming.admission.turns import Busy, Turns

SCOPE = {"type": "websocket", "extensions": {"websocket.http.response": {}}}


def test_one_more_than_the_limit_has_no_place() -> None:
    places = Places(2)
    places.take("alice"), places.take("alice")
    with pytest.raises(NoPlace):
        places.take("alice")


def test_places_of_one_holder_are_not_anothers() -> None:
    places = Places(1)
    places.take("alice"), places.take("bob")
    assert (places.held("alice"), places.held("bob")) == (1, 1)


def test_a_place_is_given_back_whatever_happens() -> None:
    places = Places(1)
    with pytest.raises(ZeroDivisionError), Held() as held:
        held.add(places.take("alice"))
        _ = 1 / 0
    assert places.held("alice") == 0


def test_nothing_is_given_back_twice() -> None:
    places = Places(2)
    back = [places.take("alice"), places.take("alice")]
    with Held() as held:
        held.add(back[0])
        held.close()
    assert places.held("alice") == 1


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(0, 5))
def test_nobody_ever_holds_more_than_the_limit(comings: list[str], limit: int) -> None:
    places = Places(limit)
    with Held() as held:
        for holder in comings:
            try:
                held.add(places.take(holder))
            except NoPlace:
                assert places.held(holder) == limit
        assert all(places.held(holder) == min(comings.count(holder), limit) for holder in "abc")
    assert not any(places.held(holder) for holder in "abc")


def test_who_comes_first_is_served_first() -> None:
    async def play() -> list[int]:
        turns, served = Turns(at_work=1, waiting=9, patience=5), []

        async def one(number: int) -> None:
            end = await turns.take()
            served.append(number)
            await asyncio.sleep(0)
            end()

        await asyncio.gather(*(one(number) for number in range(9)))
        return served

    assert asyncio.run(play()) == list(range(9))


def test_one_more_than_may_wait_is_sent_away() -> None:
    async def play() -> None:
        turns = Turns(at_work=1, waiting=1, patience=5)
        end = await turns.take()
        waits = asyncio.create_task(turns.take())
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await turns.take()
        end()
        end()  # no second turn comes of it
        (await waits)()
        assert turns.waiting == 0

    asyncio.run(play())


def test_patience_has_an_end() -> None:
    async def play() -> None:
        turns = Turns(at_work=1, waiting=1, patience=0.01)
        await turns.take()
        with pytest.raises(Busy):
            await turns.take()

    asyncio.run(play())


def _door(inner: Any, *, sockets: int = 9, at_work: int = 9, waiting: int = 0) -> Handshakes:
    return Handshakes(inner, Places(sockets), Turns(at_work=at_work, waiting=waiting, patience=5))


async def _knock(door: Handshakes, scope: Any = SCOPE) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await door(dict(scope), None, send)
    return sent


def _assert_refused(sent: list[dict[str, Any]], kind: str = "websocket.http") -> None:
    start, body = sent
    assert (start["type"], start["status"]) == (f"{kind}.response.start", 503)
    assert int(dict(start["headers"])[b"retry-after"]) > 0
    assert orjson.loads(body["body"])["code"] == "unavailable"


def test_a_full_process_answers_503_before_there_is_a_socket() -> None:
    async def play() -> None:
        entered, leave = asyncio.Event(), asyncio.Event()

        async def inner(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "welcome"})
            entered.set()
            await leave.wait()

        door = _door(inner, sockets=1)
        first = asyncio.create_task(_knock(door))
        await entered.wait()
        _assert_refused(await _knock(door))
        _assert_refused(await _knock(door, {"type": "http"}), "http")
        assert [one["type"] for one in await _knock(door, {"type": "websocket"})] == ["websocket.close"]
        leave.set()
        await first
        assert len(await _knock(door)) == 2

    asyncio.run(play())


def test_a_handshake_is_at_work_until_its_first_word() -> None:
    async def play() -> None:
        accepted, speak, leave = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def inner(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})
            accepted.set()
            await speak.wait()
            await send({"type": "websocket.send", "text": "welcome"})
            await leave.wait()

        door = _door(inner, at_work=1)
        first = asyncio.create_task(_knock(door))
        await accepted.wait()
        _assert_refused(await _knock(door))
        speak.set()
        await asyncio.sleep(0)
        second = asyncio.create_task(_knock(door))
        leave.set()
        assert len(await first) == len(await second) == 2

    asyncio.run(play())


def test_a_handshake_that_fails_gives_its_turn_back() -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        raise OSError("the client went away")

    async def play() -> None:
        door = _door(inner, at_work=1)
        for _ in range(3):
            with pytest.raises(OSError, match="went away"):
                await _knock(door)

    asyncio.run(play())


def test_a_closed_door_answers_503(monkeypatch: pytest.MonkeyPatch) -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("let in")

    monkeypatch.setattr(farewell, "_closed_until", 0.0)
    farewell.close_door(60)
    _assert_refused(asyncio.run(_knock(_door(inner))))
    farewell.close_door(0)
    assert farewell.closed_for() == 0
