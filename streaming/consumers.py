"""The WebSocket door of the live stream: who may come in, what each message is answered with, and the last word."""

import asyncio
import contextlib
import time
from contextlib import ExitStack
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from audit.actors import Principal
from config.api import problems
from streaming import closing, handshakes, presenters, subscriptions, tailing
from streaming.conversation import Conversation
from streaming.flow import Flow
from streaming.places import NoPlace
from streaming.recording import BAD, SWITCHING, SocketRecord
from streaming.sockets import Framing, Socket
from streaming.subscriptions import BadMessage

SUBPROTOCOL = "bugwire.v1"
LAST_WORD_SECONDS = 2.0
MAX_REFUSED = 20


class Frames(Framing):
    """One JSON object a text frame."""

    event = staticmethod(presenters.message)
    said = staticmethod(presenters.said)


FRAMES = Frames()


class StreamConsumer(AsyncWebsocketConsumer):
    """One socket. No channel layer: the hub fans out, and Redis being away must not end a socket."""

    channel_layer_alias = ""
    socket: Socket | None = None
    closing: asyncio.Task[None] | None = None
    refused = 0
    held: ExitStack  # its place among its caller's sockets and in the hub

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with ExitStack() as self.held:
            await super().__call__(scope, receive, send)

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
            await self._goodbye(closing.UNAUTHENTICATED)
            return
        if self.scope["is_over_limit"]:
            await self._refused(429, "rate_limited", principal)
            await self._goodbye(closing.RATE_LIMITED)
            return
        try:
            self.held.enter_context(handshakes.CALLERS.one(principal.label))
        except NoPlace:
            await self._refused(429, "too_many_sockets", principal)
            await self._goodbye(closing.TOO_MANY_SOCKETS)
            return
        await self._open(principal)

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

    async def _open(self, principal: Principal) -> None:
        self.hub = tailing.current()
        socket = Socket(principal, self.scope["credential"], FRAMES, self._close_soon)
        try:
            await self.record.write("stream_connect", SWITCHING, principal=principal, project_ids=principal.roles)
            await self.hub.join(socket)
        except DatabaseError:
            await self._goodbye(closing.UNAVAILABLE)
            return
        self.held.callback(self.hub.leave, socket)
        self.socket, self.flow = socket, Flow(time.monotonic())
        self.conversation = Conversation(self.hub, socket, self.record, self.send)
        socket.say("welcome", protocol=SUBPROTOCOL, resume=str(self.hub.position), heartbeat=tailing.PING_SECONDS)
        self.sender = asyncio.create_task(self._send_waiting())

    async def _send_waiting(self) -> None:
        with contextlib.suppress(OSError):  # the client went away; disconnect follows
            await self.conversation.send_waiting()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.socket is None or self.closing is not None:
            return
        self.socket.heard_at = time.monotonic()
        if not self.flow.take(self.socket.heard_at):
            self._close_soon(closing.RATE_LIMITED)
            return
        try:
            if text_data is None:
                raise BadMessage("text_only", "Messages are text frames.")
            await self.conversation.act(subscriptions.read(text_data))
        except BadMessage as error:
            await self._bad_message(self.socket, error)
        except DatabaseError:
            self.socket.say("error", code="unavailable", detail="Try again in a few seconds.", id=None)

    async def _bad_message(self, socket: Socket, error: BadMessage) -> None:
        with contextlib.suppress(DatabaseError):  # it is refused either way
            await self.record.write("stream_message", BAD, principal=socket.principal, code=error.code)
        socket.say("error", code=error.code, detail=str(error), id=error.subscription_id)
        self.refused += 1
        if self.refused >= MAX_REFUSED:
            self._close_soon(closing.BAD_REQUEST)

    def _close_soon(self, code: int, retry_ms: int | None = None) -> None:
        """Called from the hub, which must not wait for a client."""
        if self.closing is None and self.socket is not None:
            self.hub.leave(self.socket)
            self.sender.cancel()
            self.closing = asyncio.create_task(self._goodbye(code, retry_ms))

    async def _goodbye(self, code: int, retry_ms: int | None = None) -> None:
        """A last word and the close frame; who does not even read these is left to the server."""
        with contextlib.suppress(OSError):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORD_SECONDS):
                    await self.send(presenters.said(**closing.goodbye(code, retry_ms)))
            await self.close(code)

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

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        await self.disconnect(message.get("code") or 1006)
        raise StopConsumer
