"""The bounds of the stream with their numbers, as the code has them."""

from typing import Any

from django.conf import settings

from streaming import consumers, subscriptions
from streaming.admission import flow, handshakes
from streaming.fanout import outbox, tailing
from streaming.streams.stream import SNAPSHOT_LIMIT


def table() -> list[dict[str, Any]]:
    """name, value, and what happens over it."""
    return [{"name": name, "value": value, "over": over} for name, value, over in _rows()]


def _rows() -> list[tuple[str, str, str]]:
    return [
        ("length of a message", f"{subscriptions.MAX_MESSAGE_BYTES // 1024} KiB", "`error` `too_large`, or close 1009"),
        ("depth of a message", f"{subscriptions.MAX_DEPTH} levels", "`error` `too_deep`"),
        ("subscriptions of a socket", f"{subscriptions.MAX_SUBSCRIPTIONS}", "`error` `too_many`"),
        ("values of a filter", f"{subscriptions.MAX_VALUES}", "`error` `invalid_filter`"),
        ("messages from you", f"{flow.RATE:g} a second, {flow.BURST} at once", "close 4129"),
        ("refused messages of a socket", f"{consumers.MAX_REFUSED}", "close 4000"),
        (
            "what waits for you",
            f"{outbox.MAX_MESSAGES} messages or {outbox.MAX_BYTES // 1024} KiB",
            f"`gap` `too_slow`; after {tailing.LAG_SECONDS:g} seconds close 4113",
        ),
        ("silence from you", f"{tailing.SILENCE_SECONDS:g} seconds", "close 4108"),
        ("things in a snapshot", f"{SNAPSHOT_LIMIT}", "`whole` is false"),
        ("sockets of a caller in a process", f"{settings.STREAM_SOCKETS_PER_CALLER:,}", "close 4109"),
        ("sockets of a process", f"{settings.STREAM_SOCKETS:,}", "HTTP 503 with `Retry-After`"),
        (
            "handshakes that wait",
            f"{handshakes.WAITING:,}, for {handshakes.PATIENCE_SECONDS:g} seconds",
            "HTTP 503 with `Retry-After`",
        ),
    ]
