"""Kinds of items: what SDKs call them, what they are counted as, and which of them are kept. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

EVENT = "event"
FEEDBACK, USER_REPORT, ATTACHMENT = "feedback", "user_report", "attachment"
SESSION, SESSIONS, CLIENT_REPORT = "session", "sessions", "client_report"
KEPT = frozenset({EVENT, FEEDBACK, USER_REPORT, ATTACHMENT, SESSION, SESSIONS, CLIENT_REPORT})
ERROR, UNKNOWN = "error", "unknown"

# As Sentry's data categories name them; what is not here goes by `unknown`.
_CATEGORIES = {
    EVENT: ERROR,
    FEEDBACK: "feedback",
    USER_REPORT: "feedback",
    ATTACHMENT: "attachment",
    SESSION: "session",
    SESSIONS: "session",
    CLIENT_REPORT: "client_report",
    "transaction": "transaction",
    "span": "span",
    "log": "log_item",
    "check_in": "monitor",
    "statsd": "metric_bucket",
    "metric_meta": "metric_bucket",
    "trace_metric": "trace_metric",
    "profile": "profile",
    "profile_chunk": "profile",
    "replay_event": "replay",
    "replay_recording": "replay",
    "replay_video": "replay",
    "security": "security",
}
CATEGORIES = frozenset({*_CATEGORIES.values(), UNKNOWN})


def category(item_type: str) -> str:
    return _CATEGORIES.get(item_type, UNKNOWN)


def categories(items: Iterable[Any]) -> Counter[str]:
    """How many items there are of each category."""
    return Counter(category(item.type) for item in items)
