"""When a delivery is tried again, and what a receiver's answer means. Pure."""

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

# Before each attempt; together about three days.
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2  # so that the deliveries of one outage do not come back in one wave
RETRY_AFTER_CAP = timedelta(hours=1)


class Verdict(StrEnum):
    OK = "ok"
    DISABLE = "disable"
    THROTTLE = "throttle"
    RETRY = "retry"


def verdict(status: int | None) -> Verdict:
    """What an answer means; None is no answer. A redirect is a failure: it is never followed."""
    if status is not None and 200 <= status < 300:
        return Verdict.OK
    if status == 410:
        return Verdict.DISABLE
    return Verdict.THROTTLE if status in (429, 502, 503, 504) else Verdict.RETRY


def wait_after(attempt: int, *, at_least: timedelta | None = None) -> timedelta | None:
    """How long to wait after that many failed attempts; None when they were the last."""
    if attempt >= len(SCHEDULE):
        return None
    planned = SCHEDULE[attempt] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    return max(planned, at_least) if at_least else planned


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """A Retry-After header in seconds or as a date, never more than an hour; None when it says nothing."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return RETRY_AFTER_CAP if len(text) > 9 else min(timedelta(seconds=int(text)), RETRY_AFTER_CAP)
    try:
        wait = parsedate_to_datetime(text) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), RETRY_AFTER_CAP)
