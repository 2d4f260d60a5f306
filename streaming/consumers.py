"""The WebSocket door of the live stream: who may come in, what each message is answered with, and the last word."""

import asyncio
import contextlib
import time
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from config.api import problems
from streaming import closing, presenters, subscriptions
from streaming.admission import entrance
from streaming.admission.entrance import Refused
from streaming.admission.flow import Flow
from streaming.admission.places import Held
from streaming.fanout import tailing
from streaming.fanout.delivery import never
from streaming.fanout.sockets import Framing, Socket
from streaming.recording import BAD, SocketRecord
from streaming.subscriptions import BadMessage

SUBPROTOCOL = "bugwire.v1"
SEND_NOW = "bugwire.send_now"  # an ASGI extension of our own server
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
    held: Held  # its place among its caller's sockets and in the hub

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with Held() as self.held:
            await super().__call__(scope, receive, send)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As in Channels, without its thread hop per message: the ORM is never used on this loop."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.record = SocketRecord(self.scope)
        try:
            await entrance.check(self.scope, self.record)
            offered = self.scope.get("subprotocols", [])
            await self.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
            self.conversation = await entrance.enter(
                self.scope,
                self.record,
                self.held,
                send=self._send,
                send_now=self.scope.get("extensions", {}).get(SEND_NOW, never),
                framing=FRAMES,
                close=self._close_soon,
            )
        except Refused as refused:
            await self._refuse(refused)
        else:
            self._open(self.conversation.socket)

    async def _refuse(self, refused: Refused) -> None:
        """With a close code once there is a socket; before that with an HTTP answer, where the server can."""
        if refused.closing is not None:
            await self._goodbye(refused.closing)
        elif "websocket.http.response" in self.scope.get("extensions", {}):
            body = problems.encoded(refused.status, refused.code, str(refused))
            headers = [(b"content-type", problems.MEDIA_TYPE.encode())]
            start = {"type": "websocket.http.response.start", "status": refused.status, "headers": headers}
            await self.base_send(start)
            await self.base_send({"type": "websocket.http.response.body", "body": body})
        else:
            await self.close()

    def _open(self, socket: Socket) -> None:
        self.socket, self.flow = socket, Flow(time.monotonic())
        position = str(self.conversation.hub.position)
        # Before the start: what goes by the usual way tells the handshake that it is over.
        socket.say("welcome", protocol=SUBPROTOCOL, resume=position, heartbeat=tailing.PING_SECONDS)
        self.conversation.delivery.start()

    async def _send(self, text: str) -> None:
        """Without the layers that Channels has between: this runs once for each event of each socket."""
        if self.closing is not None:
            raise ConnectionAbortedError("the last word has been said")
        await self.base_send({"type": "websocket.send", "text": text})

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
        except OSError:
            pass  # the client went away in the midst of an answer; disconnect follows
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
            self.conversation.hub.leave(self.socket)
            self.conversation.delivery.stop()
            self.closing = asyncio.create_task(self._goodbye(code, retry_ms))

    async def _goodbye(self, code: int, retry_ms: int | None = None) -> None:
        """A last word and the close frame; who does not even read these is left to the server."""
        with contextlib.suppress(OSError):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORD_SECONDS):
                    await self.send(presenters.said(**closing.goodbye(code, retry_ms)))
            await self.close(code)

    async def disconnect(self, code: int) -> None:
        if self.socket is not None:
            self.held.close()  # at once: who closes one may open another
            self.conversation.delivery.stop()
            await entrance.leave(self.socket, self.record, code)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        await self.disconnect(message.get("code") or 1006)
        raise StopConsumer
