"""The door of the live stream: reads a client's messages, answers each, and sends what the hub queued."""

import asyncio
import contextlib
import time
from typing import Any

import orjson
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from audit.actors import Principal
from bugs import policy
from config.api import problems
from streaming import hub, subscriptions
from streaming.recording import BAD, GOOD, SWITCHING, SocketRecord
from streaming.sockets import Socket
from streaming.subscriptions import BadMessage, Subscription

SUBPROTOCOL = "bugwire.v1"
CLOSE_SECONDS = 5.0
EVENT = '{"op":"event"'  # how presenters begin one


class StreamConsumer(AsyncWebsocketConsumer):
    """One socket. No channel layer: the hub fans out, and Redis being away must not end a socket."""

    channel_layer_alias = ""
    socket: Socket | None = None
    closing: asyncio.Task[None] | None = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As in Channels, without its thread hop per message: the ORM is never used on this loop."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.record, principal = SocketRecord(self.scope), self.scope["principal"]
        if self.scope["origin_refused"]:
            await self._refused(403, "origin_refused")
            await self.close()
            return
        if misplaced := self.scope["misplaced"]:
            await self._refused(BAD, misplaced.code)
            await self._answer(BAD, problems.encoded(BAD, misplaced.code, str(misplaced)))
            return
        offered = self.scope.get("subprotocols", [])
        await self.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        if principal is None:
            await self._refused(401, "unauthenticated")
            await self._goodbye(4001)
            return
        if self.scope["is_over_limit"]:
            await self._refused(429, "rate_limited", principal)
            await self._goodbye(4129)
            return
        await self._open()

    async def _refused(self, status: int, code: str, principal: Principal | None = None) -> None:
        with contextlib.suppress(DatabaseError):  # it is refused either way
            await self.record.write("stream_connect", status, principal=principal, code=code)

    async def _answer(self, status: int, body: bytes) -> None:
        """Instead of a socket an HTTP answer, where the server can; else it says 403."""
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await self.close()
            return
        headers = [(b"content-type", problems.MEDIA_TYPE.encode())]
        await self.base_send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await self.base_send({"type": "websocket.http.response.body", "body": body})

    async def _open(self) -> None:
        self.sending = asyncio.Lock()
        self.hub = hub.current()
        socket = Socket(self.scope["principal"], self.scope["credential"], self._close_soon)
        try:
            await self.record.write(
                "stream_connect", SWITCHING, principal=socket.principal, project_ids=socket.principal.roles
            )
            await self.hub.join(socket)
        except DatabaseError:
            await self._goodbye(4100)
            return
        self.socket = socket
        socket.say("welcome", protocol=SUBPROTOCOL, resume=str(self.hub.position), heartbeat=hub.PING_SECONDS)
        self.sender = asyncio.create_task(self._send_queued(socket))

    async def disconnect(self, code: int) -> None:
        if self.socket is None:
            return
        self.hub.leave(self.socket)
        self.sender.cancel()
        with contextlib.suppress(DatabaseError):  # nobody is left to be refused
            await self.record.write(
                "stream_close",
                code,
                principal=self.socket.principal,
                rows=self.record.events,
                targets=len(self.socket.subscriptions),
                project_ids=self.socket.principal.roles,
                began=self.record.began,
            )

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.socket is None or self.closing is not None:
            return
        self.socket.heard_at = time.monotonic()
        try:
            if text_data is None:
                raise BadMessage("text_only", "Messages are text frames.")
            await self._act(self.socket, subscriptions.read(text_data))
        except BadMessage as error:
            with contextlib.suppress(DatabaseError):  # it is refused either way
                principal = self.socket.principal
                await self.record.write("stream_message", BAD, principal=principal, code=error.code)
            self.socket.say("error", code=error.code, detail=str(error), id=error.subscription_id)
        except DatabaseError:
            self.socket.say("error", code="unavailable", detail="Try again in a few seconds.", id=None)

    async def _act(self, socket: Socket, message: dict[str, Any]) -> None:
        match message["op"]:
            case "subscribe":
                await self._subscribe(socket, subscriptions.parse(message))
            case "unsubscribe":
                self._unsubscribe(socket, subscriptions.id_of(message))
            case "subscriptions":
                listed = [_shown(one) for one in socket.subscriptions.values()]
                socket.say("subscriptions", subscriptions=listed)
            case "resume":
                await self._resume(socket, message)
            case "ping":
                socket.say("pong", **{name: message[name] for name in ("id", "t") if name in message})
            case "pong":
                pass
            case other:
                raise BadMessage("unknown_op", f"There is no op {other[:40]!r}.")

    async def _subscribe(self, socket: Socket, asked: list[Subscription]) -> None:
        if len(socket.subscriptions.keys() | {one.id for one in asked}) > subscriptions.MAX_SUBSCRIPTIONS:
            raise BadMessage("too_many", f"A socket has at most {subscriptions.MAX_SUBSCRIPTIONS} subscriptions.")
        await self.record.write(
            "stream_subscribe",
            GOOD,
            principal=socket.principal,
            targets=len(asked),
            project_ids={project for one in asked for project in policy.projects(socket.principal, one.action)},
        )
        for one in asked:
            # Held until the replay is through: a live event carries a token that would skip the rest of it.
            async with self.sending:
                socket.subscriptions[one.id] = one
                token = one.resume or str(self.hub.position)
                await self._send_now(op="subscribed", resume=token, **_shown(one))
                if one.resume:
                    await self._replay(socket, one, one.resume)

    async def _resume(self, socket: Socket, message: dict[str, Any]) -> None:
        name, token = subscriptions.id_of(message), subscriptions.token_of(message)
        one = socket.subscriptions.get(name)
        if one is None or token is None:
            raise BadMessage("invalid_message", "resume names a subscription and a token.", name)
        async with self.sending:
            await self._replay(socket, one, token)

    async def _replay(self, socket: Socket, one: Subscription, token: str) -> None:
        messages = await self.hub.replay(socket, one, token)
        await self.record.write(
            "stream_resume",
            GOOD,
            principal=socket.principal,
            code="gap" if messages is None else "",
            rows=len(messages or ()),
            targets=1,
            project_ids=policy.projects(socket.principal, one.action),
        )
        if messages is None:
            await self._send_now(op="gap", sub=one.id, resume=str(self.hub.position))
            return
        for text in messages:
            if self.closing is None:
                await self.send(text)
                self.record.events += 1

    def _unsubscribe(self, socket: Socket, name: str) -> None:
        if socket.subscriptions.pop(name, None) is None:
            raise BadMessage("unknown_subscription", "There is no such subscription.", name)
        socket.say("unsubscribed", id=name)

    async def _send_queued(self, socket: Socket) -> None:
        with contextlib.suppress(OSError):  # the client went away; disconnect follows
            while True:
                text = await socket.queue.get()
                async with self.sending:
                    await self.send(text)
                self.record.events += text.startswith(EVENT)

    async def _send_now(self, **message: Any) -> None:
        await self.send(orjson.dumps(message).decode())

    def _close_soon(self, code: int) -> None:
        """Called from the hub, which must not wait for a client."""
        if self.closing is None and self.socket is not None:
            self.hub.leave(self.socket)
            self.sender.cancel()
            self.closing = asyncio.create_task(self._goodbye(code))

    async def _goodbye(self, code: int) -> None:
        """A last word and the close frame; who does not even read these is left to the server's own ping."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._send_now(op="goodbye", code=code)
                await self.close(code)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        await self.disconnect(message.get("code") or 1006)
        raise StopConsumer


def _shown(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.type,
        "format": one.format,
        "filters": orjson.loads(one.filter_key or b"{}"),
    }
