"""Moments that senders tell by clocks of their own, by ours. Pure."""

from datetime import datetime, timedelta
from typing import Any

from bugs.ingest.wire import shapes

DRIFT = timedelta(minutes=1)  # less is the way that it took


def corrected(value: Any, *, sent_at: Any, received_at: datetime) -> datetime | None:
    """sent_at: the sender's clock when it sent. None when there is no such moment."""
    found, sender = shapes.moment(value), shapes.moment(sent_at) or received_at
    if found is None:
        return None
    try:
        return found + (received_at - sender) if abs(received_at - sender) > DRIFT else found
    except OverflowError:
        return None
