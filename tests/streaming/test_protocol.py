"""RFC 6455 torture: whatever comes, the right close code, no hanging, and other sockets do not notice."""

import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from websockets.sync.client import ClientConnection, connect

from apikeys import services as keys
from audit.actors import SYSTEM
from bugs.models import Membership, Project, User
from tests.streaming import raw
from tests.streaming.conftest import StreamProcess
from tests.streaming.raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawClient, frame

pytestmark = pytest.mark.django_db
PROTOCOL_ERROR, NO_UTF_8, POLICY, TOO_BIG = 1002, 1007, 1008, 1009
LIMIT = 64 * 1024
BOMB = zlib.compress(bytes(10_000_000))[2:-4]


@pytest.fixture(scope="module")
def token(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """One key and one process for all that follows, so rows that are committed, and taken away at the end."""
    with django_db_blocker.unblock():
        carol = User.objects.create_user("carol")
        web = Project.objects.create(number=1, key="WEB", name="Web shop")
        Membership.objects.create(project=web, user=carol, role="viewer")
        secret = keys.issue(name="reader", owner_id=carol.pk, permissions={"read"}, by=SYSTEM)[1]
    yield secret
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def address(token: str, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock():
        process = StreamProcess()
        process.start()
    yield process.address
    process.end()


@pytest.fixture(scope="module")
def half_a_request(address: str) -> Iterator[tuple[RawClient, float]]:
    """Sent when the module begins; its end is looked for when all else is through."""
    with RawClient(address) as client:
        client.send(b"GET /ws/v1/stream HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        yield client, time.monotonic()


@pytest.fixture(scope="module")
def bystander(address: str, token: str, half_a_request: object) -> Iterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {token}"}
    with connect(f"ws://{address}/ws/v1/stream", additional_headers=headers) as link:
        assert orjson.loads(link.recv(10))["op"] == "welcome"
        yield link


@pytest.fixture
def client(address: str, token: str, bystander: ClientConnection) -> Iterator[RawClient]:
    """A socket to break; whatever a test does with it, the bystander is answered afterwards."""
    with RawClient(address) as one:
        yield one.open(address, token)
    bystander.send('{"op": "ping", "id": "alive"}')
    while (answer := orjson.loads(bystander.recv(10)))["op"] == "ping":
        pass
    assert answer == {"op": "pong", "id": "alive"}


VIOLATIONS: dict[str, tuple[bytes, int]] = {
    "text that is not UTF-8": (frame(TEXT, b'{"op": "\xff"}'), NO_UTF_8),
    "half a surrogate pair": (frame(TEXT, b"\xed\xa0\x80"), NO_UTF_8),
    "an overlong slash": (frame(TEXT, b"\xc0\xaf"), NO_UTF_8),
    "a character cut by the end": (frame(TEXT, b"\xe2\x82", fin=False) + frame(CONTINUATION), NO_UTF_8),
    "a reason that is not UTF-8": (raw.close(1000, b"\xff"), NO_UTF_8),
    "a declared length of 2^40": (frame(TEXT, b"x", length=2**40), TOO_BIG),
    "a declared length of 2^63": (frame(BINARY, b"x", length=2**63), TOO_BIG),
    "a message of 70 KB": (frame(TEXT, b" " * 70_000), TOO_BIG),
    "one byte over the limit": (frame(TEXT, b" " * (LIMIT + 1)), TOO_BIG),
    "fragments over the limit": (
        frame(TEXT, b" " * 50_000, fin=False) + frame(CONTINUATION, b" " * 50_000, fin=False),
        TOO_BIG,
    ),
    "small fragments for ever": (
        frame(TEXT, b"[", fin=False) + frame(CONTINUATION, b" " * 64, fin=False) * 2_000,
        TOO_BIG,
    ),
    "empty fragments for ever": (frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 2_000, TOO_BIG),
    "no mask": (frame(TEXT, b"{}", masked=False), PROTOCOL_ERROR),
    "a ping without mask": (frame(PING, masked=False), PROTOCOL_ERROR),
    "a compressed bomb that nobody agreed on": (frame(TEXT, BOMB[:60_000], rsv=4), PROTOCOL_ERROR),
    "a compressed fragment": (
        frame(TEXT, b"{", fin=False) + frame(CONTINUATION, b"}", rsv=4),
        PROTOCOL_ERROR,
    ),
    "a fragmented ping": (frame(PING, b"x", fin=False), PROTOCOL_ERROR),
    "a fragmented close": (frame(CLOSE, b"\x03\xe8", fin=False), PROTOCOL_ERROR),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), PROTOCOL_ERROR),
    "a close of 126 bytes": (raw.close(1000, b"x" * 124), PROTOCOL_ERROR),
    "a close of 1 byte": (frame(CLOSE, b"\x03"), PROTOCOL_ERROR),
    "a continuation of nothing": (frame(CONTINUATION, b"{}"), PROTOCOL_ERROR),
    "a continuation after the end": (frame(TEXT, b"{}") + frame(CONTINUATION, b"{}"), PROTOCOL_ERROR),
    "a text among fragments": (frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"), PROTOCOL_ERROR),
    "bytes among fragments": (frame(TEXT, b"{", fin=False) + frame(BINARY, b"}"), PROTOCOL_ERROR),
    "a flood of pings": (frame(PING, b"x") * 2_000, POLICY),
    "a flood of pongs": (frame(PONG, b"x") * 2_000, POLICY),
    **{f"reserved bit {bit}": (frame(TEXT, b"{}", rsv=bit), PROTOCOL_ERROR) for bit in (1, 2, 4, 7)},
    **{f"reserved opcode {code}": (frame(code, b"{}"), PROTOCOL_ERROR) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    **{
        f"close code {code}": (raw.close(code), PROTOCOL_ERROR)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize(("sent", "code"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_violation_is_closed_with_its_code(client: RawClient, sent: bytes, code: int) -> None:
    client.send(sent)
    assert client.close_code() == code
    assert client.is_cut()


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_close_is_answered_with_the_same_code(client: RawClient, code: int) -> None:
    client.send(raw.close(code, b"bye"))
    assert client.close_code() == code
    assert client.is_cut()


def test_a_close_without_a_code_is_answered(client: RawClient) -> None:
    client.send(frame(CLOSE))
    assert client.close_code() == 1005
    assert client.is_cut()


def _answer(client: RawClient) -> dict[str, Any]:
    while True:
        opcode, payload = client.next_frame()
        if opcode == TEXT and (message := orjson.loads(payload))["op"] not in ("welcome", "ping"):
            return message


def test_a_message_in_fragments_is_one_message(client: RawClient) -> None:
    text = '{"op": "ping", "id": "é"}'.encode()
    parts = [text[at : at + 1] for at in range(len(text))]
    frames = [frame(TEXT, parts[0], fin=False), *(frame(CONTINUATION, one, fin=False) for one in parts[1:])]
    client.send(b"".join([*frames, frame(CONTINUATION)]))
    assert _answer(client) == {"op": "pong", "id": "é"}


def test_a_ping_among_fragments_is_answered(client: RawClient) -> None:
    client.send(frame(TEXT, b'{"op": ', fin=False) + frame(PING, b"now") + frame(CONTINUATION, b'"ping"}'))
    frames = [client.next_frame() for _ in range(3)]
    assert (PONG, b"now") in frames
    assert orjson.loads(frames[-1][1]) == {"op": "pong"}


def test_a_message_of_the_limit_is_read(client: RawClient) -> None:
    client.send(frame(TEXT, b'{"op": "ping"}'.ljust(LIMIT)))
    assert _answer(client) == {"op": "pong"}


def test_a_byte_at_a_time_is_read(client: RawClient) -> None:
    for byte in frame(TEXT, b'{"op": "ping"}'):
        client.send(struct.pack("B", byte))
    assert _answer(client) == {"op": "pong"}


def test_a_message_that_never_ends_holds_up_nobody(client: RawClient) -> None:
    client.send(frame(TEXT, b"{", length=LIMIT))  # the rest does not come; the bystander is asked afterwards


HANDSHAKES: dict[str, dict[str, str]] = {
    "an old version": {"Sec_WebSocket_Version": "8"},
    "a version that is no number": {"Sec_WebSocket_Version": "thirteen"},
    "no version": {"Sec_WebSocket_Version": ""},
    "no key": {"Sec_WebSocket_Key": ""},
    "a key that is too short": {"Sec_WebSocket_Key": "aGVsbG8="},
    "a key that is no base64": {"Sec_WebSocket_Key": "!" * 24},
    "headers without end": {"X_Padding": "x" * 70_000},
}


@pytest.mark.parametrize("headers", HANDSHAKES.values(), ids=HANDSHAKES)
def test_a_handshake_that_breaks_the_rules_is_answered_400(
    address: str, token: str, bystander: object, headers: dict[str, str]
) -> None:
    with RawClient(address) as client:
        assert client.ask(raw.handshake(address, token, **headers)) == 400
        assert client.is_cut()


def test_half_a_request_is_cut_off(half_a_request: tuple[RawClient, float], bystander: object) -> None:
    client, began = half_a_request
    client.socket.settimeout(15)
    assert client.is_cut()
    assert time.monotonic() - began < 30
