"""A WebSocket client that sends whatever a test wants, also what no library would."""

import base64
import os
import socket
import struct
import time
from typing import Self

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0
TIMEOUT_SECONDS = 10.0


class Gone(Exception):
    """The server cut the connection without a close frame."""


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True, length: int | None = None
) -> bytes:
    """length: what the header says, when it is not the truth."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    size, mask = len(payload) if length is None else length, b"\x01\x02\x03\x04"
    bit = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    return head + (mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if masked else payload)


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


def handshake(address: str, token: str, **more: str) -> bytes:
    """more: headers that replace the usual ones; an empty one is left out."""
    headers = {
        "Host": address,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Authorization": f"Bearer {token}",
    }
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    return "\r\n".join(["GET /ws/v1/stream HTTP/1.1", *lines, "", ""]).encode()


class RawClient:
    """One connection. received: bytes that are not yet read as frames."""

    def __init__(self, address: str, *, receive_buffer: int = 0) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(TIMEOUT_SECONDS)
        self.socket.connect((host, int(port)))
        self.received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def open(self, address: str, token: str) -> Self:
        assert self.ask(handshake(address, token)) == 101
        return self

    def ask(self, request: bytes) -> int:
        """Send a request; the status of its answer."""
        self.send(request)
        while b"\r\n\r\n" not in self.received:
            self._more()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        return int(head.split()[1])

    def send(self, data: bytes) -> None:
        """All of it, or as much as a server takes that has seen enough."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def next_frame(self) -> tuple[int, bytes]:
        while (found := self._frame()) is None:
            self._more()
        return found

    def close_code(self) -> int:
        """Of the close frame that ends the connection; raises Gone, TimeoutError."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < end:
            opcode, payload = self.next_frame()
            if opcode == CLOSE:
                return int(struct.unpack("!H", payload[:2])[0]) if payload else 1005
        raise TimeoutError("no close frame")

    def is_cut(self) -> bool:
        """Whether the server ends the TCP connection as well."""
        try:
            while self.socket.recv(65_536):
                pass
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        return True

    def _frame(self) -> tuple[int, bytes] | None:
        data = self.received
        if len(data) < 2:
            return None
        size, start = data[1] & 0x7F, 2
        if size > 125:
            width = 2 if size == 126 else 8
            size, start = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
        if len(data) < start + size:
            return None
        self.received = data[start + size :]
        return data[0] & 0xF, data[start : start + size]

    def _more(self) -> None:
        try:
            data = self.socket.recv(65_536)
        except ConnectionResetError:
            raise Gone from None
        if not data:
            raise Gone
        self.received += data
