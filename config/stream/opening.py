"""What a connection of the stream process may cost before it is a socket: its opening, its buffers and its end."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from streaming import routing

OPENING_SECONDS = 10.0
MAX_OPENING_BYTES = 64 * 1024
CLOSE_SECONDS = 5.0
HIGH_WATER_BYTES = 32 * 1024
UNSENT_BYTES = 32 * 1024
SOCKET_PATH = routing.SOCKET_PATH.encode()
_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n"


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

    def eof_received(self) -> None:
        self.transport.close()  # the loop would do it on its own, and wait for ever until the peer takes what is left

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


def _keep_little_unsent(transport: asyncio.Transport) -> None:
    """What waits for a slow peer waits in its outbox, where it is counted, not in megabytes of the kernel's buffer."""
    connection = transport.get_extra_info("socket")
    if hasattr(socket, "TCP_NOTSENT_LOWAT") and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
