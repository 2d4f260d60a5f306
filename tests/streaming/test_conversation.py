"""One client's conversation with a hub, where it is slow, changes its mind, loses its rights, or goes away."""

import asyncio
import socket as sockets
import struct
from dataclasses import replace
from typing import Any

import orjson
import pytest
from django.db import OperationalError

from audit.actors import SYSTEM
from audit.models import AccessRecord
from bugs import services
from bugs.models import Project
from streaming.conversation import Conversation
from streaming.fanout import calls
from streaming.fanout.delivery import Delivery
from streaming.fanout.hub import RIGHTS_SECONDS, Hub
from streaming.fanout.sockets import Socket
from streaming.recording import SocketRecord
from streaming.subscriptions import BadMessage
from tests.streaming.hubs import report, run, socket
from tests.streaming.raw import TEXT, RawClient, frame
from tests.streaming.test_slow import _wait_until_gone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_lived")]
SCOPE = {"path": "/ws/v1/stream", "client_ip": "192.0.2.7", "headers": []}


class Slow:
    """A client that takes one message, and then none until it is told to."""

    def __init__(self, hub: Hub, socket: Socket) -> None:
        record = SocketRecord(SCOPE)
        self.conversation = Conversation(hub, socket, record, Delivery(socket.outbox, record, self._take))
        self.taken: list[dict[str, Any]] = []
        self.takes = asyncio.Event()

    async def _take(self, text: str) -> None:
        if self.taken:
            await self.takes.wait()
        self.taken.append(orjson.loads(text))


def test_after_unsubscribing_and_with_another_filter_nothing_old_comes(web: Project) -> None:
    one = socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        await hub.join(one)
        client = Slow(hub, one)
        client.conversation.delivery.start()
        for _ in range(5):
            await hub.deliver([await asyncio.to_thread(report, web)])
        again = {"op": "subscribe", "id": "new_bugs", "type": "new_bugs", "filters": {"severity": "critical"}}
        acting = asyncio.create_task(client.conversation.act({"op": "unsubscribe", "id": "new_bugs"}))
        await asyncio.sleep(0.05)
        client.takes.set()
        await acting
        await client.conversation.act(again)
        await hub.deliver([await asyncio.to_thread(report, web)])
        await asyncio.sleep(0.05)
        client.conversation.delivery.stop()
        assert [one["op"] for one in client.taken] == ["event", "event", "unsubscribed", "subscribed"]

    run(play)


def test_of_a_subscription_that_is_refused_nothing_comes(web: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    one = socket(web)

    async def play(hub: Hub) -> None:
        await hub.join(one)
        client = Slow(hub, one)

        async def refused(principal: Any) -> bool:
            await hub.deliver([await asyncio.to_thread(report, web)])
            return False

        monkeypatch.setattr(calls, "is_allowed", refused)
        with pytest.raises(BadMessage):
            await client.conversation.act({"op": "subscribe", "id": "s", "type": "new_bugs", "snapshot": True})
        assert len(one.outbox) == 0

    run(play)


def test_with_rights_that_could_not_be_read_for_too_long_nothing_is_told_again(web: Project) -> None:
    one = socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        await hub.join(one)
        client, start = Slow(hub, one), str(hub.position)
        await hub.deliver([await asyncio.to_thread(report, web)])
        hub.rights_read_at -= RIGHTS_SECONDS + 1
        for asked in ({"op": "resume", "resume": start}, {"op": "subscribe", "type": "new_bugs", "snapshot": True}):
            with pytest.raises(OperationalError):
                await client.conversation.act({"id": "new_bugs", **asked})
        assert client.taken == []

    run(play)


def test_a_replay_ends_where_the_role_does(web: Project) -> None:
    one = socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        await hub.join(one)
        start = str(hub.position)
        for _ in range(5):
            await hub.deliver([await asyncio.to_thread(report, web)])
        one.outbox.forget("new_bugs")
        client = Slow(hub, one)
        acting = asyncio.create_task(client.conversation.act({"op": "resume", "id": "new_bugs", "resume": start}))
        while not client.taken:
            await asyncio.sleep(0.01)
        one.become(replace(one.principal, roles={}))
        client.takes.set()
        await acting
        assert len(client.taken) <= 2  # one more was on its way

    run(play)


def test_who_goes_away_in_the_midst_of_a_replay_is_written_down(
    server: str, key: tuple[Any, str], listener: Any, web: Project
) -> None:
    token = listener().token
    for _ in range(60):
        services.report(project_id=web.pk, by=SYSTEM, title="Blank", description="x" * 50_000)
    asked = {"op": "subscribe", "id": "s", "type": "new_bugs", "format": "detailed", "resume": token}
    with RawClient(server, receive_buffer=4096) as client:
        assert b"welcome" in client.open(server, key[1]).next_frame()[1]
        client.send(frame(TEXT, orjson.dumps(asked)))
        assert b"subscribed" in client.next_frame()[1]
        client.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
    _wait_until_gone(1)
    assert AccessRecord.objects.get(operation="stream_close").rows < 60
