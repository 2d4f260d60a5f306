"""What becomes of a bug, cut off at the present: status and times that a bug of that age can have."""

import random
from dataclasses import dataclass

from bench.seed.packing import EMPTY, NULL, moment, text

HOUR_MS = 3_600_000
COUNT = 8_192
RESOLUTIONS = {"fixed": 55, "by_design": 14, "duplicate": 12, "cannot_reproduce": 11, "wont_fix": 8}
_NEW, _TRIAGED, _STARTED, _RESOLVED, _CLOSED, _REOPENED = map(
    text, ("new", "triaged", "in_progress", "resolved", "closed", "reopened")
)


@dataclass(slots=True)  # frozen ones are slow to make
class Life:
    """ms from one step to the next; None: the step is never taken."""

    triage: int | None
    start: int | None
    resolve: int | None
    close: int | None
    reopen: int | None  # after being resolved or closed, and open since
    returned: bool  # was reopened and resolved again in between
    resolution: bytes


@dataclass(slots=True)
class Stage:
    """Where a bug is by now. columns: status, resolution; times: triaged, resolved, closed, as columns."""

    columns: bytes
    times: bytes
    moves: int
    reopened: int
    last: int
    is_open: bool
    resolved: int | None


def make(dice: random.Random) -> list[Life]:
    return [_life(dice) for _ in range(COUNT)]


def _life(dice: random.Random) -> Life:
    def after(median_hours: float, spread: float, share: float) -> int | None:
        return int(dice.lognormvariate(0, spread) * median_hours * HOUR_MS) + 1000 if dice.random() < share else None

    triage = after(7, 1.6, 0.95)
    start = after(30, 1.5, 0.85) if triage else None
    resolve = after(90, 1.6, 0.92) if start else after(200, 1.5, 0.45) if triage else None
    close = after(60, 1.2, 0.85) if resolve else None
    resolution = text(dice.choices(list(RESOLUTIONS), list(RESOLUTIONS.values()))[0])
    return Life(triage, start, resolve, close, after(300, 1.2, 0.03), dice.random() < 0.05, resolution)


def stage(life: Life, created: int, until: int) -> Stage:
    """How far a bug of that life is at `until`."""
    now, moves, status, resolution = created, 0, _NEW, EMPTY
    triaged = resolved = closed = None
    reopened = 0
    if life.triage and now + life.triage < until:
        now = triaged = now + life.triage
        moves, status = 1, _TRIAGED
        if life.start and now + life.start < until:
            now += life.start
            moves, status = 2, _STARTED
        if life.resolve and now + life.resolve < until:
            now = resolved = now + life.resolve
            reopened = int(life.returned)
            moves, status, resolution = moves + 1 + 2 * reopened, _RESOLVED, life.resolution
            if life.close and now + life.close < until:
                now = closed = now + life.close
                moves, status = moves + 1, _CLOSED
            if life.reopen and now + life.reopen < until:
                now += life.reopen
                resolved = closed = None
                moves, status, resolution, reopened = moves + 1, _REOPENED, EMPTY, reopened + 1
    times = b"".join([moment(at) if at else NULL for at in (triaged, resolved, closed)])
    return Stage(status + resolution, times, moves, reopened, now, resolved is None, resolved)
