"""Fixed windows of a minute, an hour and a day, and what counting in them means. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

NAMES = ("minute", "hour", "day")
SECONDS = (60, 3600, 86400)
UNLIMITED = 2**50  # more than any caller can use; such a window is not shown

Numbers = tuple[int, int, int]


class Count(NamedTuple):
    """What was used in the minute, the hour and the day in which `at` lies."""

    at: int = 0
    used: Numbers = (0, 0, 0)

    def as_of(self, now: int) -> Numbers:
        """The same a while later: a window that has begun since is empty."""
        minute, hour, day = (
            used if self.at // seconds == now // seconds else 0
            for used, seconds in zip(self.used, SECONDS, strict=True)
        )
        return minute, hour, day


class Bucket(NamedTuple):
    """Where something is counted: its name, its three limits, and what stands before the names of its windows."""

    name: str
    limits: Numbers
    prefix: str = ""


class Window(NamedTuple):
    """One window of one bucket after a call."""

    name: str
    seconds: int
    limit: int
    used: int
    reset: int
    is_short: bool  # the call did not fit into it

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def left_for(self, cost: int) -> int:
        """How many calls of that cost still fit."""
        return self.remaining // (price(self.limit, cost) or 1)


@dataclass(frozen=True, slots=True)
class Usage:
    """Whether the call may be, when that was decided, and what is used in each bucket, the call included."""

    allowed: bool
    now: int
    cost: int
    buckets: tuple[Bucket, ...]
    used: tuple[Numbers, ...]

    def windows(self, cost: int | None = None) -> list[Window]:
        """Every window that limits; short is one that has no room: for the call if it was refused, or for `cost`."""
        asked = cost if cost is not None else 0 if self.allowed else self.cost
        return [
            Window(
                name=bucket.prefix + name,
                seconds=seconds,
                limit=limit,
                used=used,
                reset=seconds - self.now % seconds,
                is_short=not fits(used, limit, asked),
            )
            for bucket, numbers in zip(self.buckets, self.used, strict=True)
            for name, seconds, limit, used in zip(NAMES, SECONDS, bucket.limits, numbers, strict=True)
            if limit < UNLIMITED
        ]


def retry_after(windows: Iterable[Window]) -> int:
    """Seconds until every window that is short begins anew; 0 when none is."""
    return max((window.reset for window in windows if window.is_short), default=0)


def price(limit: int, cost: int) -> int:
    """What a call of that cost takes from a window: no more than all of it, or it could never be."""
    return min(cost, max(limit, 1))


def fits(used: int, limit: int, cost: int) -> bool:
    return cost == 0 or used + price(limit, cost) <= limit


def spent(used: Numbers, limits: Numbers, cost: int) -> Numbers | None:
    """What is used after a call, None when it does not fit into each of the windows."""
    if not all(fits(number, limit, cost) for number, limit in zip(used, limits, strict=True)):
        return None
    minute, hour, day = (number + price(limit, cost) for number, limit in zip(used, limits, strict=True))
    return minute, hour, day
