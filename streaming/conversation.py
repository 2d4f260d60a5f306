"""What a client and the hub say to each other, whatever carries it: subscribe, resume, and what waits in the outbox."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from bugs import policy
from bugs.filters import BadFilter
from streaming import subscriptions, threads
from streaming.fanout import calls
from streaming.fanout.delivery import Delivery
from streaming.fanout.hub import Hub
from streaming.fanout.replaying import SLICE, Missed, missed
from streaming.fanout.sockets import Socket
from streaming.recording import GOOD, SocketRecord
from streaming.streams import Snapshot, Subscription
from streaming.subscriptions import BadMessage


class Conversation:
    """One client's. delivery: how it is told things; where a replay is told, what is live waits for its turn."""

    __slots__ = ("delivery", "hub", "record", "socket")

    def __init__(self, hub: Hub, socket: Socket, record: SocketRecord, delivery: Delivery) -> None:
        self.hub, self.socket, self.record, self.delivery = hub, socket, record, delivery

    async def act(self, message: Mapping[str, Any]) -> None:
        """Raises BadMessage, DatabaseError."""
        socket = self.socket
        match message["op"]:
            case "subscribe":
                await self.subscribe(subscriptions.parse(message))
            case "unsubscribe":
                await self._unsubscribe(subscriptions.id_of(message))
            case "subscriptions":
                socket.say("subscriptions", subscriptions=[_shown(one) for one in socket.subscriptions.values()])
            case "resume":
                await self._resume(subscriptions.id_of(message), subscriptions.token_of(message))
            case "ping":
                socket.say("pong", **{name: message[name] for name in ("id", "t") if name in message})
            case "pong":
                pass
            case other:
                raise BadMessage("unknown_op", f"There is no op {other[:40]!r}.")

    async def subscribe(self, asked: list[Subscription]) -> None:
        if len(self.socket.subscriptions.keys() | {one.id for one in asked}) > subscriptions.MAX_SUBSCRIPTIONS:
            raise BadMessage("too_many", f"A socket has at most {subscriptions.MAX_SUBSCRIPTIONS} subscriptions.")
        principal = self.socket.principal
        projects = {project for one in asked for project in policy.projects(principal, one.stream.action)}
        await self.record.write("stream_subscribe", GOOD, principal=principal, targets=len(asked), project_ids=projects)
        for one in asked:
            await self._begin(one)

    async def _begin(self, one: Subscription) -> None:
        """Nothing live is sent until the replay is through: its token would skip the rest of it."""
        async with self.delivery.turn:
            self.socket.outbox.forget(one.id)  # of one that it replaces
            self.hub.subscribe(self.socket, one)
            try:
                old = await self._missed(one, one.resume) if one.resume else Missed((), str(self.hub.position))
                shown = (
                    await self._snapshot(one, old.token) if one.wants_snapshot and not _is_caught_up(one, old) else None
                )
            except BaseException:
                self.hub.unsubscribe(self.socket, one.id)
                self.socket.outbox.forget(one.id)
                raise
            await self._say("subscribed", resume=one.resume if old.bodies else old.token, **_shown(one))
            await self._tell(one, old)
            if shown is not None:
                await self.delivery.send(shown)

    async def _resume(self, name: str, token: str | None) -> None:
        one = self.socket.subscriptions.get(name)
        if one is None or token is None:
            raise BadMessage("invalid_message", "resume names a subscription and a token.", name)
        async with self.delivery.turn:
            old = await self._missed(one, token)
            await self._say("subscribed", resume=token if old.bodies else old.token, **_shown(one))
            await self._tell(one, old, token)

    async def _missed(self, one: Subscription, token: str) -> Missed:
        found = await missed(self.hub, self.socket.principal, one, token)
        self.hub.check_rights_are_known()
        if found.bodies or found.gap:
            code = "gap" if found.gap else ""
            await self._written("stream_resume", one, rows=len(found.bodies), code=code)
        return found

    async def _tell(self, one: Subscription, old: Missed, token: str | None = None) -> None:
        """What was missed. Each carries the token it was missed since, the last one the token after all of them."""
        if old.gap:
            await self.delivery.send(self.socket.gap(one.id, old.token, old.gap))
        for number, (project, body) in enumerate(old.bodies, 1):
            if not self.socket.may_see(one.id, project):  # a slow client may have lost it meanwhile
                continue
            if number % SLICE == 0:
                await asyncio.sleep(0)
            carried = old.token if number == len(old.bodies) else token or one.resume or ""
            await self.delivery.send(self.socket.framing.event(one.id, carried, body))
            self.record.events += 1

    async def _snapshot(self, one: Subscription, token: str) -> str:
        if not await calls.is_allowed(self.socket.principal):
            raise BadMessage("rate_limited", "A limit of the key or person is used up; a snapshot is one call.", one.id)
        try:
            found: Snapshot = await threads.run_read(one.stream.snapshot, self.socket.principal, one)
        except BadFilter as error:
            raise BadMessage("invalid_filter", f"snapshot: {error.name}: {error}", one.id) from None
        self.hub.check_rights_are_known()
        await self._written("stream_snapshot", one, rows=len(found.items))
        return self.socket.framing.said("snapshot", sub=one.id, resume=token, items=found.items, whole=found.is_whole)

    async def _written(self, operation: str, one: Subscription, *, rows: int, code: str = "") -> None:
        principal = self.socket.principal
        await self.record.write(
            operation,
            GOOD,
            principal=principal,
            code=code,
            rows=rows,
            targets=1,
            project_ids=policy.projects(principal, one.stream.action),
        )

    async def _unsubscribe(self, name: str) -> None:
        """After the answer comes nothing more of it."""
        async with self.delivery.turn:
            if not self.hub.unsubscribe(self.socket, name):
                raise BadMessage("unknown_subscription", "There is no such subscription.", name)
            self.socket.outbox.forget(name)
            await self._say("unsubscribed", id=name)

    async def _say(self, op: str, **fields: object) -> None:
        await self.delivery.send(self.socket.framing.said(op, **fields))


def _is_caught_up(one: Subscription, old: Missed) -> bool:
    """Whether what was missed says all that a snapshot would."""
    return one.resume is not None and not old.gap and one.stream.stirred_by is None


def _shown(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.stream.name,
        "format": one.format,
        "filters": orjson.loads(one.filter_key or b"{}"),
        **one.options,
    }
