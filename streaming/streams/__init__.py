"""The types of streams, by name: one module a family."""

from streaming.streams import analytics, bugs, errors, exports, patterns, sessions
from streaming.streams.stream import Rendering, Snapshot, Stream, Subscription

__all__ = ["STREAMS", "TYPES", "Rendering", "Snapshot", "Stream", "Subscription"]

_FAMILIES = (bugs, analytics, errors, patterns, sessions, exports)
STREAMS: dict[str, Stream] = {stream.name: stream for family in _FAMILIES for stream in family.STREAMS}
TYPES = tuple(sorted({pattern for stream in STREAMS.values() for pattern in stream.types}))  # of all facts a hub needs
