"""What no SDK should send, what it is answered, and what is counted for it; the rows of the table in docs/ingest.md."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import brotli
import zstandard

ID = "9ec79c33ec9942ab8353589fcb2e04dc"
EVENT = {"event_id": ID, "exception": [{"type": "ValueError", "value": "bad"}]}
BLOCK, BLOCKS = bytes(16 * 1024 * 1024), 64  # a gibibyte of zeros
ENVELOPE, JSON, KEY, LARGE = "envelope_malformed", "json_invalid", "ingest_key_invalid", "body_too_large"
OK = ""
DROPPED = ("unknown", "dropped", "not_stored")
Body = Callable[[], bytes]


@dataclass(frozen=True)
class Bad:
    """One row.

    code: of the problem, empty when the answer is 200. counted: category, outcome and reason of one item, None when
    nothing was received. kept: what the report must be, when there is one.
    """

    name: str
    body: Body
    status: int
    code: str
    counted: tuple[str, str, str] | None
    headers: dict[str, str] = field(default_factory=dict)
    key: str = "own"
    door: str = "envelope"
    kept: Callable[[dict[str, Any]], bool] | None = None

    @property
    def row(self) -> tuple[str, str, str]:
        """As the document shows it."""
        answer = f"{self.status} `{self.code}`" if self.code else str(self.status)
        return self.name, answer, " ".join(self.counted).strip() if self.counted else "nothing"


def envelope(payload: bytes, header: str = '{"type":"event"}') -> bytes:
    return b'{"event_id":"%s"}\n%s\n%s\n' % (ID.encode(), header.encode(), payload)


def event(**more: Any) -> bytes:
    return envelope(json.dumps({**EVENT, **more}).encode())


def raw(**more: str) -> bytes:
    """An event with values that Python would not write."""
    parts = [f'"{name}":{value}' for name, value in more.items()]
    return envelope(("{" + ",".join(parts) + "}").encode("utf-8", "surrogatepass"))


def refused(name: str, body: Body, code: str, **more: Any) -> Bad:
    """An envelope that cannot be read: how many items it has nobody knows, so it counts as one."""
    return Bad(name, body, 413 if code == LARGE else 400, code, ("unknown", "invalid", code), **more)


def read_later(name: str, body: Body) -> Bad:
    """An SDK's event that is not looked into at the door: what is wrong with it shows in the outcomes."""
    return Bad(name, body, 200, OK, ("error", "invalid", JSON))


def refused_event(name: str, body: Body, code: str, **more: Any) -> Bad:
    return Bad(name, body, 413 if code == LARGE else 400, code, ("error", "invalid", code), **more)


def kept(name: str, body: Body, check: Callable[[dict[str, Any]], bool], **more: Any) -> Bad:
    return Bad(name, body, 200, OK, ("error", "accepted", ""), kept=check, **more)


def stranger(name: str, key: str) -> Bad:
    return Bad(name, event, 403, KEY, ("unknown", "invalid", KEY), key=key)


def bomb(name: str, encoding: str, body: Body) -> Bad:
    return refused(name, body, LARGE, headers={"Content-Encoding": encoding})


def of_length(text: str) -> Body:
    return lambda: envelope(json.dumps(EVENT).encode(), f'{{"type":"event","length":{text}}}')


@cache
def deflated(head: bytes) -> bytes:
    """Blocks that need nothing of each other, so one is made and repeated."""
    encoder = zlib.compressobj(9, wbits=-15)
    return head + (encoder.compress(BLOCK) + encoder.flush(zlib.Z_FULL_FLUSH)) * BLOCKS


@cache
def brotli_bomb() -> bytes:
    encoder = brotli.Compressor(quality=1)
    return b"".join(encoder.process(BLOCK) for _ in range(BLOCKS)) + encoder.finish()


def zstd_bomb() -> bytes:
    return zstandard.compress(BLOCK) * BLOCKS


def zstd_window() -> bytes:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    encoder = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return encoder.compress(event()) + encoder.flush()


def frames(count: int) -> dict[str, Any]:
    trace = [{"function": f"f{place}", "lineno": place, "in_app": True} for place in range(count)]
    return {"exception": [{"type": "RecursionError", "stacktrace": {"frames": trace}}]}


def at_arrival(report: dict[str, Any]) -> bool:
    return report["occurred_at"] == report["received_at"] and "timestamp" in report["meta"]["errors"]


GZIP, ZLIB = b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\x78\xda"
KEYS = [
    stranger("no key", "none"),
    stranger("a key that cannot be one", "nonsense"),
    stranger("the key of another project", "foreign"),
    stranger("a revoked key", "revoked"),
    stranger("two keys that differ", "two"),
    stranger("a project number that nobody has", "nowhere"),
]
BODIES = [
    bomb("1 GiB of zeros, gzip", "gzip", lambda: deflated(GZIP)),
    bomb("1 GiB of zeros, deflate (zlib)", "deflate", lambda: deflated(ZLIB)),
    bomb("1 GiB of zeros, deflate (raw)", "deflate", lambda: deflated(b"")),
    bomb("1 GiB of zeros, br", "br", brotli_bomb),
    bomb("1 GiB of zeros, zstd", "zstd", zstd_bomb),
    bomb("21 MiB, not compressed", "", lambda: bytes(21 * 1024 * 1024)),
    refused("a zstd window of 128 MiB", zstd_window, ENVELOPE, headers={"Content-Encoding": "zstd"}),
    refused("an unknown Content-Encoding", event, ENVELOPE, headers={"Content-Encoding": "lzma"}),
    refused("gzip that is none", event, ENVELOPE, headers={"Content-Encoding": "gzip"}),
    refused(
        "gzip cut off", lambda: zlib.compress(event(), wbits=31)[:-9], ENVELOPE, headers={"Content-Encoding": "gzip"}
    ),
    refused("no body", lambda: b"", ENVELOPE),
]
ENVELOPES = [
    Bad("a header line alone, without newline", lambda: b'{"event_id":"%s"}' % ID.encode(), 200, OK, None),
    refused("a header line of 9 kB", lambda: b'{"a":"%s"}\n' % (b"x" * 9_000), ENVELOPE),
    refused("a header line that is not JSON", lambda: b"hello\n", ENVELOPE),
    refused("a header line that is a list", lambda: b"[]\n", ENVELOPE),
    refused("an item's header that is a list", lambda: envelope(b"{}", "[]"), ENVELOPE),
    refused("a length that is too large", of_length("999"), ENVELOPE),
    refused("a length that is too small", of_length("3"), ENVELOPE),
    refused("a length below 0", of_length("-1"), ENVELOPE),
    refused("a length of 1.5", of_length("1.5"), ENVELOPE),
    refused("a length of 2^63", of_length(str(2**63)), ENVELOPE),
    refused("a length in quotes", of_length('"3"'), ENVELOPE),
    refused("5,000 items", lambda: b"{}\n" + b'{"type":"session"}\n{}\n' * 5_000, ENVELOPE),
    Bad("an item without a type", lambda: envelope(b"{}", "{}"), 200, OK, DROPPED),
    Bad(
        "a type nobody knows", lambda: envelope(b"\0", '{"type":"new"}'), 200, OK, ("unknown", "dropped", "not_stored")
    ),
]
EVENTS = [
    refused_event("an event that is a list", lambda: envelope(b"[]"), JSON),
    read_later("an event that is not JSON", lambda: envelope(b"{'a': 1}")),
    refused_event("a message of 5 MB", lambda: event(message="x" * 5_000_000), LARGE),
    refused_event("a million breadcrumbs", lambda: event(breadcrumbs=[{}] * 1_000_000), LARGE),
    kept("200,000 breadcrumbs", lambda: event(breadcrumbs=[{}] * 200_000), lambda r: len(r["breadcrumbs"]) == 100),
    kept("a stack of 10,000 frames", lambda: event(**frames(10_000)), lambda r: len(r["frames"]) <= 200),
    kept("10,000 tags", lambda: event(tags={str(n): n for n in range(10_000)}), lambda r: len(r["tags"]) == 100),
    read_later("JSON nested 100,000 deep", lambda: raw(extra="[" * 100_000 + "]" * 100_000)),
    kept(
        "JSON nested 500 deep", lambda: raw(extra='{"a":' * 500 + "1" + "}" * 500), lambda r: len(str(r["extra"])) < 100
    ),
    read_later("a number of 10,000 digits", lambda: raw(extra="1" * 10_000)),
    kept("NUL in texts", lambda: event(message="a\0b", tags={"a\0": "\0"}), lambda r: r["message"] == "a\ufffdb"),
    kept("halves of characters", lambda: raw(message=r'"a\ud800b"'), lambda r: r["message"] == "a\ufffdb"),
    kept("bytes that are not UTF-8", lambda: envelope(b'{"message":"a\xffb"}'), lambda r: r["message"] == "a\ufffdb"),
    kept("a time of 1970", lambda: event(timestamp="1970-01-01T00:00:00Z"), at_arrival),
    kept("a time of 2100", lambda: event(timestamp=4_102_444_800), at_arrival),
    kept("a time of the year 99999", lambda: event(timestamp="99999-01-01T00:00:00Z"), at_arrival),
    kept("a time that is NaN", lambda: raw(timestamp="NaN"), lambda r: r["occurred_at"] == r["received_at"]),
    kept("a time that is 1e308", lambda: raw(timestamp="1e308"), at_arrival),
    kept(
        "every field of another type",
        lambda: event(level=[], message=5, user=[], tags=5, exception="x", breadcrumbs=1, contexts="y", request=[1]),
        lambda r: {"tags", "exception", "breadcrumbs", "contexts", "request"} <= set(r["meta"]["errors"]),
    ),
]
STORES = [
    refused_event("at /store/: no body", lambda: b"", JSON, door="store"),
    refused_event("at /store/: a form (`sentry_data=...`)", lambda: b"sentry_data=%7B%7D", JSON, door="store"),
    kept("at /store/: JSON that calls itself a form", lambda: json.dumps(EVENT).encode(), bool, door="store"),
]
TABLE = [*KEYS, *BODIES, *ENVELOPES, *EVENTS, *STORES]
