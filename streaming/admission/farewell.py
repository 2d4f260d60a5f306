"""The end of a process's sockets: each gets a last word, and a time of its own to come back."""

import asyncio
import random
import time
from collections.abc import Collection, Iterator

from streaming import closing
from streaming.fanout.sockets import Socket

PER_SECOND = 500  # that many come back a second
LEAST_SPREAD_SECONDS = 1.0
RESTART_SECONDS = 1.0
TELLING_SECONDS = 3.0
SLICE, SLICES = 100, 50  # sockets told before others have a turn, at least; and turns at most
PAUSE_SECONDS = 0.02

_closed_until = 0.0


def closed_for() -> float:
    """For how many seconds no socket is let in; 0.0 while the door is open."""
    return max(0.0, _closed_until - time.monotonic()) if _closed_until else 0.0


def close_door(seconds: float) -> None:
    """From now on; 0.0 opens it."""
    global _closed_until
    _closed_until = time.monotonic() + seconds if seconds else 0.0


def waits(count: int, first: float) -> Iterator[int]:
    """When each of so many comes back, in milliseconds: nobody before `first` seconds, then evenly."""
    spread = max(LEAST_SPREAD_SECONDS, count / PER_SECOND)
    jitter = random.random()  # noqa: S311 (so that processes that end together send nobody at the same moment)
    return (int(1_000 * (first + spread * (number + jitter) / count)) for number in range(count))


async def drain(
    sockets: Collection[Socket], *, closed: float = RESTART_SECONDS, within: float = TELLING_SECONDS
) -> int:
    """Close them all, in slices; returns how many.

    sockets: those that are open, from which each that is told goes away. closed: seconds for which nobody is let in.
    within: seconds for late ones, whose handshake had begun before.
    """
    close_door(max(closed, within))
    told: set[Socket] = set()
    end = time.monotonic() + within
    while sockets and time.monotonic() < end:
        leaving = [socket for socket in sockets if socket not in told]
        told.update(leaving)
        await _tell(leaving, closed, end)
        await asyncio.sleep(PAUSE_SECONDS)
    return len(told)


async def _tell(leaving: list[Socket], closed: float, end: float) -> None:
    size = max(SLICE, len(leaving) // SLICES)
    for number, (socket, wait) in enumerate(zip(leaving, waits(len(leaving), closed), strict=True), 1):
        socket.close(closing.RESTARTING, wait)
        if number % size == 0 and time.monotonic() < end:
            await asyncio.sleep(PAUSE_SECONDS)
