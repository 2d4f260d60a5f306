"""Ranges of time and the pieces they are counted in, by the clocks of a time zone. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bugs.rollups import PERIOD, period_of

INTERVALS = ("hour", "day", "week", "month", "none")
MAX_POINTS = 2_000
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_SHORTEST = {
    "hour": timedelta(minutes=30),
    "day": timedelta(hours=23),
    "week": timedelta(days=6),
    "month": timedelta(days=27),
}
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RELATIVE = re.compile(r"-([0-9]{1,5})([mhdw])")


class BadRange(ValueError):
    """A moment, zone or range that cannot be; `name` is the parameter at fault."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


@dataclass(frozen=True, slots=True)
class Range:
    """From the first moment to just before the last, in whole quarters of an hour, cut into pieces.

    edges: where the pieces begin; the first is `start`.
    """

    start: datetime
    end: datetime
    interval: str
    zone: ZoneInfo
    edges: list[datetime]

    @property
    def pieces(self) -> Iterator[tuple[datetime, datetime]]:
        return zip(self.edges, [*self.edges[1:], self.end], strict=True)

    @property
    def before(self) -> datetime:
        """The beginning of the range of the same length that ends where this one begins."""
        return self.start - (self.end - self.start)


def zone_of(name: str) -> ZoneInfo:
    """Raises BadRange."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRange("time_zone", "Time zones have names like Europe/Berlin.") from None


def range_of(start: str, end: str, interval: str, zone: ZoneInfo, now: datetime) -> Range:
    """The range that two texts name, rounded outwards to quarters of an hour. Raises BadRange."""
    first, last = moment(start, "from", zone, now), moment(end, "to", zone, now)
    if first >= last:
        raise BadRange("from", "The range ends before it begins: `from` must be earlier than `to`.")
    first, last = period_of(first), period_of(last + PERIOD - timedelta(microseconds=1))
    if interval != "none" and (last - first) / _SHORTEST[interval] > 2 * MAX_POINTS:
        raise _too_many(interval)
    edges = _edges(first, last, interval, zone)
    if len(edges) > MAX_POINTS:
        raise _too_many(interval)
    return Range(first, last, interval, zone, edges)


def _too_many(interval: str) -> BadRange:
    return BadRange(
        "interval",
        f"That is more than {MAX_POINTS} points. Ask for a shorter range or a longer interval than {interval}.",
    )


def moment(text: str, name: str, zone: ZoneInfo, now: datetime) -> datetime:
    """A moment from RFC 3339 with an offset, a date (midnight in the zone), `now`, or relative: -90m -24h -30d -8w.

    Raises BadRange.
    """
    try:
        found = _moment(text, zone, now)
    except (ValueError, OverflowError):
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        detail = "Moments are like 2026-05-01T12:00:00Z, 2026-05-01, now, -24h, -30d or -8w, between 1990 and 2200."
        raise BadRange(name, detail)
    return found


def _moment(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    if text == "now":
        return now
    if relative := _RELATIVE.fullmatch(text):
        return now - timedelta(**{_UNITS[relative[2]]: int(relative[1])})
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return _midnight(date.fromisoformat(text), zone)
    found = datetime.fromisoformat(text) if text.isascii() and len(text) <= 40 else None
    return found.astimezone(UTC) if found and found.tzinfo else None


def _edges(start: datetime, end: datetime, interval: str, zone: ZoneInfo) -> list[datetime]:
    if interval == "none":
        return [start]
    beginnings = _hours(start, end, zone) if interval == "hour" else _days(start, end, interval, zone)
    # A day that a zone skipped has no length: its edge is that of the next.
    return [start, *dict.fromkeys(edge for edge in beginnings if start < edge < end)]


def _hours(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Where the hour on the clock changes, or the clock itself: an hour that comes twice is two hours."""
    at, shown = start, None
    while at < end:
        local = at.astimezone(zone)
        showing = (local.date(), local.hour, local.utcoffset())
        if showing != shown:
            yield at
        at, shown = at + PERIOD, showing


def _days(start: datetime, end: datetime, interval: str, zone: ZoneInfo) -> Iterator[datetime]:
    day = start.astimezone(zone).date()
    while (edge := _midnight(day, zone)) < end:
        if interval == "day" or (interval == "week" and day.weekday() == 0) or (interval == "month" and day.day == 1):
            yield edge
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day; where clocks skip midnight, that is when they are put forward."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
