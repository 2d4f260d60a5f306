"""RFC 6455 in the stream process: what the frames of one socket may cost, and a quick way for those we send."""

import asyncio
from functools import lru_cache
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from config.stream.opening import CLOSE_SECONDS
from config.stream.waiting import Gate, Inbox
from streaming.admission.flow import Flow
from streaming.consumers import SEND_NOW

MAX_FRAGMENTS = 1_024  # empty ones, which no size bounds
CONTROL_RATE, CONTROL_BURST = 10.0, 200  # pings and pongs a second


class StreamSocket(WebSocketsSansIOProtocol):
    """RFC 6455, with a bound on what costs us something and carries nothing; a close waits for nobody."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.queue = cast("asyncio.Queue[Any]", Inbox())
        self.writable = cast(asyncio.Event, Gate())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.close_timeout = CLOSE_SECONDS
        self._control = Flow(self.loop.time(), rate=CONTROL_RATE, burst=CONTROL_BURST)

    def eof_received(self) -> None:
        self.transport.close()  # as in Opening

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            cast(Any, self.scope)["extensions"][SEND_NOW] = self.send_now

    async def send(self, message: Any) -> None:
        kind = message["type"]
        if kind == "websocket.send":
            await self._send_text(message["text"])
            return
        takes_nothing = kind == "websocket.close" and not self.writable.is_set()
        if takes_nothing:
            self.writable.set()  # it would hold up its own end
        await super().send(message)
        if takes_nothing:
            self.transport.close()
        elif kind == "websocket.accept":
            self._forget_handshake()
        elif kind == "websocket.http.response.body":
            self.handshake_complete = True  # uvicorn would log an error: refused, not forgotten

    async def _send_text(self, text: str) -> None:
        while not self.send_now(text):
            if self.writable.is_set():  # closed, maybe by the server itself: the application hears of it when all is
                raise ClientDisconnected
            await self.writable.wait()

    def send_now(self, text: str) -> bool:
        """Whether a message went out: not when the peer would have to be waited for, or is gone."""
        can = self.writable.is_set() and self.conn.state is State.OPEN and not (self.close_sent or self.disconnected)
        if can:
            self.transport.write(_framed(text))
        return can

    def _forget_handshake(self) -> None:
        """What came with it was read; of thousands of sockets it would be most of what is kept."""
        self.scope["headers"].clear()  # type: ignore[attr-defined]
        self.request.headers.clear()  # websockets' parser keeps the request
        for name in ("request", "response"):
            self.__dict__.pop(name, None)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        else:
            self._fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")

    def handle_ping(self) -> None:
        if self._may_control():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self._may_control():
            super().handle_pong(event)

    def _may_control(self) -> bool:
        is_fine = self._control.take(self.loop.time())
        if not is_fine:
            self._fail(CloseCode.POLICY_VIOLATION, "too many control frames")
        return is_fine

    def _fail(self, code: CloseCode, reason: str) -> None:
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()


@lru_cache(maxsize=16)
def _framed(text: str) -> bytes:
    """The frame of a message: most go to many sockets, one after the other."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
