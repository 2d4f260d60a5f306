"""The types of streams, by name: one module a family."""

from streaming.streams import analytics, bugs, exports
from streaming.streams.stream import Rendering, Snapshot, Stream, Subscription

__all__ = ["STREAMS", "TYPES", "Rendering", "Snapshot", "Stream", "Subscription"]

STREAMS: dict[str, Stream] = {stream.name: stream for stream in (*bugs.STREAMS, *analytics.STREAMS, *exports.STREAMS)}
TYPES = tuple(sorted({pattern for stream in STREAMS.values() for pattern in stream.types}))  # of all facts a hub needs
