"""What HTTP allows and what it does not, over a socket: the real server before the real door."""

import gzip
import json
import socket
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from demo import story

MIB = 1024 * 1024
EVENT = json.dumps({"message": "over the wire"}).encode()
ENVELOPE = b'{}\n{"type":"event"}\n' + EVENT + b"\n"
CHUNKED = "Transfer-Encoding: chunked"
OVER = 40  # MiB, twice of what is taken


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def one_by_one(body: bytes) -> bytes:
    return b"".join(chunk(body[place : place + 1]) for place in range(len(body))) + chunk(b"")


def endless() -> Iterator[bytes]:
    for _ in range(OVER):
        yield chunk(bytes(MIB))
    yield chunk(b"")


# What is sent after the first line, and the status that comes.
CASES: dict[str, tuple[str, Iterable[bytes], int]] = {
    "with a length": (f"Content-Length: {len(ENVELOPE)}", [ENVELOPE], 200),
    "in chunks": (CHUNKED, [chunk(ENVELOPE[:9]), chunk(ENVELOPE[9:]), chunk(b"")], 200),
    "in chunks of one byte": (CHUNKED, [one_by_one(ENVELOPE)], 200),
    "in chunks, compressed": (
        f"{CHUNKED}\r\nContent-Encoding: gzip",
        [chunk(gzip.compress(ENVELOPE)), chunk(b"")],
        200,
    ),
    "after a 100": (f"Content-Length: {len(ENVELOPE)}\r\nExpect: 100-continue", [ENVELOPE], 200),
    "in chunks without end": (CHUNKED, endless(), 413),
    "a length of 10 GB": ("Content-Length: 10000000000", [ENVELOPE], 413),
    "a size that is none": (CHUNKED, [b"zzz\r\n"], 400),
    "a chunk that breaks off": (CHUNKED, [chunk(ENVELOPE[:9])], 400),
    "a length that breaks off": (f"Content-Length: {len(ENVELOPE)}", [ENVELOPE[:9]], 400),
}


def status(dsn: str, name: str) -> int | None:
    """The status of the answer; the sender hears it although it may not have sent everything."""
    header, body, _ = CASES[name]
    address = urlsplit(dsn)
    first = f"POST /api{address.path}/envelope/?sentry_key={address.username} HTTP/1.1\r\nHost: here\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(f"{first}{header}\r\n\r\n".encode())
        try:
            for part in body:
                connection.sendall(part)
        except OSError:  # it hung up, having said why
            pass
        if name.endswith("breaks off"):
            connection.shutdown(socket.SHUT_WR)
        return _heard(connection)


def _heard(connection: socket.socket) -> int | None:
    try:
        connection.settimeout(5)
        said = b""
        while data := connection.recv(4096):
            said = (said + data).replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
            if b"\r\n" in said:
                return int(said.split(b" ")[1])
    except OSError:
        pass
    return None


def test_bodies_of_every_framing_are_answered_and_none_stops_the_server(place: Any) -> None:
    assert isinstance(place, story.Place)
    found = {name: status(place.dsn, name) for name in CASES}
    assert found == {name: expected for name, (_, _, expected) in CASES.items()}
    assert status(place.dsn, "with a length") == 200
