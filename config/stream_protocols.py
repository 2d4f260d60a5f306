"""What one connection of the stream process may cost: its opening, its frames, its buffers and its end."""

import asyncio
import socket
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from streaming import routing
from streaming.flow import Flow

OPENING_SECONDS = 10.0
MAX_OPENING_BYTES = 64 * 1024
CLOSE_SECONDS = 5.0
HIGH_WATER_BYTES = 32 * 1024
UNSENT_BYTES = 32 * 1024
MAX_FRAGMENTS = 1_024  # empty ones, which no size bounds
SOCKET_PATH = routing.SOCKET_PATH.encode()
_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n"
CONTROL_RATE, CONTROL_BURST = 10.0, 200  # pings and pongs a second


class EndingTransport:
    """A transport whose close has an end: what a peer does not take in time is dropped with the connection.

    asyncio's own waits for the peer to take what is buffered, which one that has stalled never does.
    """

    __slots__ = ("_transport", "write")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.write: Callable[[bytes], None] = transport.write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        if not self._transport.is_closing():
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)
        self._transport.close()


class Opening(HttpToolsProtocol):
    """HTTP, up to where a socket begins: who does not finish a request in time, or makes it huge, is let go."""

    _deadline: asyncio.TimerHandle | None = None
    _opened = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        _keep_little_unsent(transport)
        super().connection_made(cast(asyncio.Transport, EndingTransport(transport)))
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_headers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is not None:
            self._opened += len(data)
            if self._opened > MAX_OPENING_BYTES:
                self._have_headers()
                self.send_400_response("The request is too large.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._expect_headers()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._have_headers()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Of a crowd those who cannot even wait are sent away here, before anything is made for them."""
        if self.url.partition(b"?")[0] == SOCKET_PATH and routing.sockets.is_full():
            headers, body = routing.sockets.refusal()
            lines = [b"%s: %s\r\n" % header for header in headers]
            self.transport.write(b"".join([_UNAVAILABLE, *lines, b"\r\n", body]))
            self.transport.close()
        else:
            super().handle_websocket_upgrade()
            self.parser = None  # type: ignore[assignment]  # they would hold each other until garbage is looked for

    def _expect_headers(self) -> None:
        if self._deadline is None:
            self._opened = 0
            self._deadline = self.loop.call_later(OPENING_SECONDS, self._give_up)

    def _have_headers(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.close()


class Inbox:
    """What came and was not read yet, for one reader: as asyncio.Queue, in a twentieth of its two kilobytes."""

    __slots__ = ("_arrived", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[Any] = []
        self._arrived: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._waiting.append(message)
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    async def get(self) -> Any:
        while not self._waiting:
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
        return self._waiting.pop(0)

    def empty(self) -> bool:
        return not self._waiting


class Gate:
    """Open or not: as asyncio.Event, without the 600 bytes for those who wait while nobody does."""

    __slots__ = ("_is_open", "_waiting")

    def __init__(self) -> None:
        self._is_open = True
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_open

    def set(self) -> None:
        self._is_open = True
        for one in self._waiting:
            if not one.done():
                one.set_result(None)
        self._waiting.clear()

    def clear(self) -> None:
        self._is_open = False

    async def wait(self) -> bool:
        if not self._is_open:
            self._waiting.append(asyncio.get_running_loop().create_future())
            await self._waiting[-1]
        return True


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

    async def send(self, message: Any) -> None:
        kind = message["type"]
        if kind == "websocket.send" and self._can_send():
            self.transport.write(_framed(message["text"]))
            return
        if kind != "websocket.close" or self.writable.is_set():
            await super().send(message)
            if kind == "websocket.accept":
                self._forget_handshake()
            elif kind == "websocket.http.response.body":
                self.handshake_complete = True  # uvicorn would log an error: refused, not forgotten
            return
        self.writable.set()  # who takes nothing would hold up its own end
        await super().send(message)
        self.transport.close()

    def _can_send(self) -> bool:
        return self.conn.state is State.OPEN and self.writable.is_set() and not (self.close_sent or self.disconnected)

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


def _keep_little_unsent(transport: asyncio.Transport) -> None:
    """What waits for a slow peer waits in its outbox, where it is counted, not in megabytes of the kernel's buffer."""
    connection = transport.get_extra_info("socket")
    if hasattr(socket, "TCP_NOTSENT_LOWAT") and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
