"""What SDKs say that they threw away themselves is counted, so that no gap in the counts stays unexplained."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bugs.ingest import outcomes
from bugs.ingest.digest.items import Item
from bugs.ingest.outcomes import ACCEPTED, DISCARDED, INVALID, Counted, Fate
from bugs.ingest.wire import kinds, lenient_json, shapes

REPORT_MAX = 64 * 1024
ENTRIES_MAX = 100  # of one report
QUANTITY_MAX = 100_000  # of one entry; SDKs report every half minute
TOTAL_MAX = 2**31 - 1
OTHER = "other"
# As SDKs spell them.
REASONS = frozenset(
    {
        *("backpressure", "before_send", "buffer_overflow", "cache_overflow", "event_processor", "ignored"),
        *("insufficient_data", "internal_sdk_error", "invalid", "network_error", "no_parent_span"),
        *("queue_overflow", "ratelimit_backoff", "sample_rate", "send_error"),
    }
)


def keep(project_id: UUID, items: Sequence[Item]) -> list[Fate]:
    """One fate for each item, in their order."""
    discarded: Counter[Counted] = Counter()
    fates = []
    for item in items:
        entries = _entries(item.payload)
        fates.append(Fate(INVALID, "json_invalid") if entries is None else Fate(ACCEPTED))
        for entry in entries or ():
            quantity = _quantity(entry.get("quantity"))
            discarded[Counted(project_id, _category(entry.get("category")), DISCARDED, _reason(entry))] += quantity
    outcomes.count({what: min(quantity, TOTAL_MAX) for what, quantity in discarded.items() if quantity})
    return fates


def _entries(payload: bytes) -> list[dict[str, Any]] | None:
    if len(payload) > REPORT_MAX:
        return None
    try:
        report = lenient_json.load(payload)
    except lenient_json.Malformed:
        return None
    if not isinstance(report, dict):
        return None
    entries = shapes.values(report.get("discarded_events"))[:ENTRIES_MAX]
    return [entry for entry in entries if isinstance(entry, dict)]


def _quantity(value: Any) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return min(value, QUANTITY_MAX) if is_number and value > 0 else 0


def _category(value: Any) -> str:
    return value if isinstance(value, str) and value in kinds.CATEGORIES else kinds.UNKNOWN


def _reason(entry: dict[str, Any]) -> str:
    reason = entry.get("reason")
    return reason if isinstance(reason, str) and reason in REASONS else OTHER
