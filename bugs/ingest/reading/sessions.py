"""What SDKs say of sessions: one session at a time, or a server's own counts of them. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bugs.choices import SessionState
from bugs.ingest.outcomes import DROPPED, INVALID, Fate
from bugs.ingest.reading import clocks
from bugs.ingest.wire import shapes

OLDEST = timedelta(days=5)  # what is said of older sessions comes too late
AGGREGATES_MAX = 1_000  # of one item
COUNT_MAX, SEQUENCE_MAX, SECONDS_MAX = 2**31 - 1, 2**62, 10**9
# How far a session has got: of what was said at the same moment, the further holds.
ORDER = (SessionState.OK, SessionState.ERRORED, SessionState.EXITED, SessionState.ABNORMAL, SessionState.CRASHED)
_STATES = {state.value: state for state in SessionState} | {"unhandled": SessionState.ERRORED}
COUNTED = ("exited", "errored", "crashed", "abnormal")
Place = tuple[str, str, datetime]  # release, environment, hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One thing that was said of a session. sequence: its place among them; without one, the sender's clock."""

    key: str
    user: str
    state: SessionState
    errors: int
    sequence: int
    duration: float | None
    environment: str
    release: str
    started_at: datetime
    last_seen_at: datetime


class Unfit(ValueError):
    """Nothing that can be kept; `fate` says why."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(fate.reason)
        self.fate = fate


MALFORMED = Fate(INVALID, "session_malformed")
TOO_OLD = Fate(DROPPED, "too_old")


def update(value: Any, *, received_at: datetime, sent_at: Any = None) -> Update:
    """A `session` item. Raises Unfit."""
    told, attrs = shapes.mapping(value), shapes.mapping(shapes.mapping(value).get("attrs"))
    key, state = shapes.text(told.get("sid"), 64).strip(), _STATES.get(shapes.text(told.get("status", "ok")))
    started = _moment(told.get("started"), received_at, sent_at)
    if not key or state is None or started is None:
        raise Unfit(MALFORMED)
    if received_at - started > OLDEST:
        raise Unfit(TOO_OLD)
    duration, seen = _seconds(told.get("duration")), _moment(told.get("timestamp"), received_at, sent_at)
    last = max(started, min(seen or started + timedelta(seconds=duration or 0), received_at))
    return Update(
        key=key,
        user=shapes.text(told.get("did"), 200),
        state=state,
        errors=_count(told.get("errors")),
        sequence=_count(told.get("seq"), SEQUENCE_MAX) or int(last.timestamp() * 1000),
        duration=duration,
        environment=shapes.text(attrs.get("environment"), 64),
        release=shapes.text(attrs.get("release"), 200).strip(),
        started_at=started,
        last_seen_at=last,
    )


def tallies(value: Any, *, received_at: datetime, sent_at: Any = None) -> dict[Place, Counter[str]]:
    """A `sessions` item: how many sessions, begun in which hour, ended how. Raises Unfit."""
    told, attrs = shapes.mapping(value), shapes.mapping(shapes.mapping(value).get("attrs"))
    release = shapes.text(attrs.get("release"), 200).strip()
    environment = shapes.text(attrs.get("environment"), 64)
    buckets = told.get("aggregates")
    if not isinstance(buckets, list) or not 0 < len(buckets) <= AGGREGATES_MAX:
        raise Unfit(MALFORMED)
    found: dict[Place, Counter[str]] = {}
    for started, counts in _buckets(buckets, received_at, sent_at):
        hour = started.replace(minute=0, second=0, microsecond=0)
        found.setdefault((release, environment, hour), Counter()).update(counts)
    if not found:
        raise Unfit(TOO_OLD)
    return found


def latest(one: Update, other: Update) -> Update:
    """What two updates of one session say together; a crash is never taken back."""
    first, last = sorted((one, other), key=lambda each: (each.sequence, ORDER.index(each.state)))
    crashed = SessionState.CRASHED in (one.state, other.state)
    return replace(
        last,
        state=SessionState.CRASHED if crashed else last.state,
        user=first.user or last.user,
        errors=max(one.errors, other.errors),
        duration=first.duration if last.duration is None else last.duration,
        environment=last.environment or first.environment,
        release=last.release or first.release,
        started_at=min(one.started_at, other.started_at),
        last_seen_at=max(one.last_seen_at, other.last_seen_at),
    )


def _buckets(buckets: list[Any], received_at: datetime, sent_at: Any) -> Iterator[tuple[datetime, dict[str, int]]]:
    """Those that are young enough. Raises Unfit for one that cannot be read."""
    for bucket in buckets:
        told = shapes.mapping(bucket)
        started = _moment(told.get("started"), received_at, sent_at)
        if started is None:
            raise Unfit(MALFORMED)
        if received_at - started <= OLDEST:
            counts = {name: _count(told.get(name)) for name in COUNTED}
            yield started, counts | {"errored": counts["errored"] + _count(told.get("unhandled"))}


def _moment(value: Any, received_at: datetime, sent_at: Any) -> datetime | None:
    """By our clock, and no later than it came."""
    found = clocks.corrected(value, sent_at=sent_at, received_at=received_at)
    return min(found, received_at) if found else None


def _count(value: Any, limit: int = COUNT_MAX) -> int:
    return min(value, limit) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _seconds(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= SECONDS_MAX else None
