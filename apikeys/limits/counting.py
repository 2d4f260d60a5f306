"""Counting a call: in Redis, and from memory while Redis is away or after it has forgotten."""

import threading
import time
from collections.abc import Sequence

from django.conf import settings

from apikeys.limits.script import script
from apikeys.limits.windows import Bucket, Count, Numbers, Usage, spent

REMEMBERED = 10_000  # buckets; the longest unused is forgotten first


class Memory:
    """What this process saw last of each bucket."""

    def __init__(self) -> None:
        self._counts: dict[str, Count] = {}
        self.lock = threading.RLock()

    def of(self, name: str) -> Count:
        return self._counts.get(name, _NOTHING)

    def keep(self, name: str, count: Count) -> None:
        with self.lock:
            before = self._counts.pop(name, None)
            self._counts[name] = count if before is None or _is_later(count, before) else _merged(before, count)
            if len(self._counts) > REMEMBERED:
                del self._counts[next(iter(self._counts))]

    def clear(self) -> None:
        with self.lock:
            self._counts.clear()


_NOTHING = Count()
callers = Memory()


def spend(buckets: Sequence[Bucket], cost: int = 1, *, memory: Memory = callers) -> Usage:
    """Count a call in all windows of all buckets, or in none when one has no room. Cost 0 only looks."""
    words = [cost]
    for bucket in buckets:
        seen = memory.of(bucket.name)
        words += [*bucket.limits, seen.at, *seen.used]
    answer = script.call([bucket.name for bucket in buckets], words)
    if answer is None:
        return spend_here(buckets, cost, memory=memory, times=settings.WEB_PROCESSES)
    allowed, now, *numbers = answer
    used: list[Numbers] = []
    for place, bucket in enumerate(buckets):
        minute, hour, day = numbers[3 * place : 3 * place + 3]
        used.append((minute, hour, day))
        memory.keep(bucket.name, Count(now, used[-1]))
    return Usage(bool(allowed), now, cost, tuple(buckets), tuple(used))


def spend_here(buckets: Sequence[Bucket], cost: int = 1, *, memory: Memory = callers, times: int = 1) -> Usage:
    """The same in this process alone, going on from what it saw last. A call counts for those that `times` processes
    are taken to admit meanwhile, so together they admit no more than the limit."""
    now = int(time.time())
    with memory.lock:
        before = [memory.of(bucket.name).as_of(now) for bucket in buckets]
        after = [spent(used, bucket.limits, cost * times) for used, bucket in zip(before, buckets, strict=True)]
        counted = [one for one in after if one is not None]
        is_allowed = len(counted) == len(buckets)
        if is_allowed and cost:
            for bucket, used in zip(buckets, counted, strict=True):
                memory.keep(bucket.name, Count(now, used))
    return Usage(is_allowed, now, cost * times, tuple(buckets), tuple(counted if is_allowed else before))


def _is_later(one: Count, other: Count) -> bool:
    return one.at >= other.at and one.used[-1] >= other.used[-1]


def _merged(one: Count, other: Count) -> Count:
    """Of two looks at one bucket that came in the wrong order, or of two days, what is certain to be used by now."""
    at = max(one.at, other.at)
    minute, hour, day = map(max, one.as_of(at), other.as_of(at))
    return Count(at, (minute, hour, day))
