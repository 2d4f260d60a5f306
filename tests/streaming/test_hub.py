"""The hub by itself, on the test's database: what fails, what comes late, and what is more than it rereads."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import OperationalError

from audit import selectors
from bugs.models import Project
from streaming import broadcast, redis_client
from streaming.fanout import replaying, tailing
from streaming.fanout.hub import RIGHTS_SECONDS, Hub
from streaming.fanout.sockets import Socket
from streaming.streams import STREAMS
from tests.streaming.hubs import heard, report, run, socket, spike

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_lived")]


def test_what_was_heard_while_a_reread_overran_is_still_in_memory(web: Project, monkeypatch: Any) -> None:
    listening = socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        reached = await asyncio.to_thread(selectors.position)
        fact = await asyncio.to_thread(report, web)
        monkeypatch.setattr("streaming.fanout.hub._since", lambda start: (reached, None))
        await hub.deliver([fact])  # by Redis, before the reread is through
        await hub.reread()
        found = await replaying.missed(hub, listening.principal, listening.subscriptions["new_bugs"], str(reached))
        assert len(found.bodies) == 1 or found.gap

    run(play)
    assert [one["op"] for one in heard(listening)] == ["event", "gap"]


def test_of_a_subscription_that_ended_meanwhile_no_gap_is_told(web: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    leaving, other = socket(web, "new_bugs"), socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        for one in (leaving, other):
            await hub.join(one)

        def shown(*args: Any) -> Any:
            hub.unsubscribe(leaving, "new_bugs")
            raise KeyError("level")

        monkeypatch.setattr(hub, "asked", shown)
        await hub.deliver([await asyncio.to_thread(report, web)])

    run(play)
    assert (heard(leaving), [one["op"] for one in heard(other)]) == ([], ["gap"])


def broken(monkeypatch: pytest.MonkeyPatch, one: Socket, name: str, error: Exception) -> Callable[[], None]:
    """From here on a type of stream cannot be read; what is returned repairs it."""
    whole = STREAMS[name]

    def read(*args: Any) -> Any:
        raise error

    monkeypatch.setitem(STREAMS, name, replace(whole, read=read))
    one.subscriptions[name] = replace(one.subscriptions[name], stream=STREAMS[name])
    return lambda: monkeypatch.setitem(STREAMS, name, whole)


def test_figures_that_could_not_be_read_are_told_at_the_next_beat(
    web: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = socket(web, "analytics")
    repair = broken(monkeypatch, listening, "analytics", OperationalError("away"))

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        hub.pulse.again(STREAMS["analytics"], [web.pk])
        with pytest.raises(OperationalError):
            await hub.tell_stirred()
        repair()
        hub.subscribe(listening, replace(listening.subscriptions["analytics"], stream=STREAMS["analytics"]))
        await hub.tell_stirred()

    run(play)
    assert [one["event"]["event_type"] for one in heard(listening)] == ["analytics_update"]


def test_with_rights_that_could_not_be_read_for_too_long_nothing_is_sent(web: Project) -> None:
    listening = socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        fact = await asyncio.to_thread(report, web)
        hub.rights_read_at -= RIGHTS_SECONDS + 1
        with pytest.raises(OperationalError):
            await hub.deliver([fact])
        assert len(listening.outbox) == 0
        await tailing._rights(hub, {listening.credential})  # they can be read again: the next reread tells it
        await hub.reread()

    run(play)
    assert [one["op"] for one in heard(listening)] == ["event"]


@pytest.mark.parametrize("error", [OperationalError("away"), KeyError("level")])
def test_a_type_of_stream_that_cannot_be_read_stops_no_other(
    web: Project, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    listening = socket(web, "new_bugs", "exports")
    broken(monkeypatch, listening, "new_bugs", error)
    told = {"type": "export.failed", "subject": "export:1", "project_id": str(web.pk), "data": {}}

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        fact = await asyncio.to_thread(report, web)
        await hub.deliver([fact, {**told, "id": "1", "xid": fact["xid"], "occurred_at": fact["occurred_at"]}])

    run(play)
    assert [(one["op"], one["sub"]) for one in heard(listening)] == [("event", "exports"), ("gap", "new_bugs")]


def test_what_no_read_can_show_is_a_gap_and_the_others_come(web: Project) -> None:
    listening = socket(web, "error_patterns")

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        start = str(hub.position)
        fact = await asyncio.to_thread(spike, web)
        await hub.deliver([{**fact, "id": "1", "data": {}}, fact])
        found = await replaying.missed(hub, listening.principal, listening.subscriptions["error_patterns"], start)
        assert (len(found.bodies), found.gap) == (1, "unreadable")

    run(play)
    assert [one["op"] for one in heard(listening)] == ["event", "gap"]


def test_a_filter_that_fails_is_a_gap_for_those_who_have_it(web: Project) -> None:
    good, bad = socket(web, "new_bugs"), socket(web, "new_bugs")
    bad.subscriptions["new_bugs"] = replace(bad.subscriptions["new_bugs"], filters={"nothing": 1}, filter_key=b"x")

    async def play(hub: Hub) -> None:
        for one in (good, bad):
            await hub.join(one)
        await hub.deliver([await asyncio.to_thread(report, web)])

    run(play)
    assert [one["op"] for one in heard(good)] == ["event"]
    assert [(one["op"], one["reason"]) for one in heard(bad)] == [("gap", "unreadable")]


def test_nothing_that_is_published_ends_the_listening(web: Project) -> None:
    listening = socket(web, "new_bugs")

    async def play() -> None:
        hub = Hub(lambda hub: [tailing._listen(hub)])  # nothing rereads
        await hub.join(listening)
        try:
            async with asyncio.timeout(20):
                await asyncio.to_thread(publish, b"{}", b"[]", b"7", b"not JSON")
                while not len(listening.outbox):  # by then it is listening again
                    await asyncio.to_thread(report, web)
                    await asyncio.sleep(0.05)
        finally:
            await hub.stop()

    asyncio.run(play())
    assert heard(listening)[0]["event"]["event_type"] == "new_bug"


def publish(*messages: bytes) -> None:
    """Each once somebody listens."""
    for message in messages:
        heard_by = (
            redis_client.within(1.0).publish(broadcast.CHANNEL, message) or time.sleep(0.02) for _ in range(500)
        )
        assert any(heard_by), "nobody listens any more"


def test_what_waits_is_not_sent_once_the_role_is_lost(web: Project) -> None:
    listening = socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        await hub.deliver([await asyncio.to_thread(report, web)])
        tailing._apply(hub, listening, {listening.credential: replace(listening.principal, roles={})})

    run(play)
    assert heard(listening) == []
