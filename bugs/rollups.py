"""What a bug and an error report count for in analytics. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

PERIOD = timedelta(minutes=15)  # days begin inside hours where offsets end in :30 or :45
ERROR = 0.01  # of a time that is read from its bucket, relative
GAMMA = (1 + ERROR) / (1 - ERROR)
LOG_GAMMA = math.log(GAMMA)
MAX_BUCKET = 1_200  # 800 years
CREATED, TRIAGED, RESOLVED, CLOSED, REOPENED, ERRORS = "created", "triaged", "resolved", "closed", "reopened", "errors"
BUG_MEASURES = (CREATED, TRIAGED, RESOLVED, CLOSED)
BUG_DIMENSIONS = (
    *("severity", "bug_type", "priority", "component", "environment", "release"),
    *("assignee_id", "reporter_id", "resolution"),
)
ERROR_DIMENSIONS = ("level", "group_id", "component", "environment", "release")
REOPENED_DIMENSIONS = ("severity", "bug_type")  # what history keeps of the moment


class Fact(NamedTuple):
    """What happened in which quarter of an hour, and to what kind of thing; None where that has no meaning.

    bucket: how long it took since the bug was created (`bucket_of`), of what was triaged, resolved and closed.
    """

    measure: str
    period: datetime
    bucket: int | None = None
    severity: str | None = None
    bug_type: str | None = None
    priority: str | None = None
    component: str | None = None
    environment: str | None = None
    release: str | None = None
    assignee_id: int | None = None
    reporter_id: int | None = None
    resolution: str | None = None
    level: str | None = None
    group_id: UUID | None = None


Facts = Counter[Fact]
COLUMNS = Fact._fields
DIMENSIONS = COLUMNS[3:]
NOTHING: Facts = Counter()


def facts(bug: Any) -> Facts:
    """What a bug counts for as it is now: nothing when it is deleted. Facts of several bugs can be added."""
    if bug.deleted_at is not None:
        return Counter()
    values = {name: getattr(bug, name) for name in BUG_DIMENSIONS}
    found = Counter({Fact(CREATED, period_of(bug.created_at), **values): 1})
    for measure in (TRIAGED, RESOLVED, CLOSED):
        if at := getattr(bug, f"{measure}_at"):
            found[Fact(measure, period_of(at), bucket_of(at - bug.created_at), **values)] += 1
    return found


def reopening(bug: Any, at: datetime) -> Fact:
    """That a bug was reopened, then: with what its event keeps of it, so that history can count it again."""
    return Fact(REOPENED, period_of(at), **{name: getattr(bug, name) for name in REOPENED_DIMENSIONS})


def error(row: Any) -> Fact:
    """One error report; its columns as attributes."""
    return Fact(ERRORS, period_of(row.occurred_at), **{name: getattr(row, name) for name in ERROR_DIMENSIONS})


def difference(before: Mapping[Fact, int], after: Mapping[Fact, int]) -> list[tuple[Fact, int]]:
    """What is to be added to the counts for a change; nothing for what stayed."""
    changes = Counter(after)
    changes.subtract(before)
    return [(fact, amount) for fact, amount in changes.items() if amount]


def period_of(at: datetime) -> datetime:
    """The quarter of an hour in which a moment lies, in UTC."""
    utc = at.astimezone(UTC)
    return utc.replace(minute=utc.minute - utc.minute % 15, second=0, microsecond=0)


def bucket_of(took: timedelta) -> int:
    """The bucket of a duration on a logarithmic scale, as in DDSketch: bucket i holds (GAMMA^(i-1), GAMMA^i] s."""
    seconds = took // timedelta(seconds=1)
    return min(math.ceil(math.log(seconds) / LOG_GAMMA), MAX_BUCKET) if seconds > 1 else 0


def seconds_of(bucket: int) -> float:
    """A duration that is not further than ERROR from any that the bucket holds."""
    return float(2 * GAMMA**bucket / (GAMMA + 1)) if bucket else 1.0


def percentiles(counts: Mapping[int, int], wanted: Iterable[float]) -> list[float | None]:
    """Durations in seconds below which those shares of the counted ones lie; None when there are none."""
    total = sum(counts.values())
    return [_at_rank(counts, math.ceil(share * total)) if total else None for share in wanted]


def _at_rank(counts: Mapping[int, int], rank: int) -> float | None:
    seen = 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return seconds_of(bucket)
    return None
