"""Times of a filter: exact, a whole day, or counted from now. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
MAX_SPAN = timedelta(days=36_500)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_SPAN = re.compile(r"([0-9]{1,9})(m|h|d|w|y)")
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_CLOCK = re.compile(r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?")


class NoTime(ValueError):
    """Not a time that a filter knows."""


@dataclass(frozen=True, slots=True)
class Moment:
    """From one instant to before another: exact, or counted from now when `offset` or `day` is given."""

    start: datetime = EARLIEST
    end: datetime = LATEST
    offset: timedelta | None = None
    day: int | None = None

    @property
    def is_relative(self) -> bool:
        return self.offset is not None

    def at(self, now: datetime) -> tuple[datetime, datetime]:
        """Its first instant, and the first after it."""
        if self.offset is not None:
            return now + self.offset, now + self.offset + MICROSECOND
        if self.day is not None:
            start = _midnight(now.astimezone(UTC).date() + timedelta(days=self.day))
            return start, start + timedelta(days=1)
        return self.start, self.end


def moment(text: str) -> Moment:
    """`2026-05-01`, `2026-05`, a time of RFC 3339, `-7d`, `+2h`, `now`, `today`. Raises NoTime."""
    if text == "now":
        return Moment(offset=timedelta())
    if text in _DAYS:
        return Moment(day=_DAYS[text])
    if text[:1] in ("-", "+"):
        return Moment(offset=span(text[1:])[0] * (-1 if text[0] == "-" else 1))
    start, length = _exact(text)
    if not EARLIEST <= start < LATEST:
        raise NoTime(text)
    if length is None:
        return Moment(start, _next_month(start))
    return Moment(start, start + length)


def span(text: str) -> tuple[timedelta, timedelta]:
    """`7d` as a length and the length of its unit. Raises NoTime."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise NoTime(text)
    unit = UNITS[found[2]]
    if int(found[1]) > MAX_SPAN / unit:
        raise NoTime(text)
    return int(found[1]) * unit, unit


def _exact(text: str) -> tuple[datetime, timedelta | None]:
    try:
        if month := _MONTH.fullmatch(text):
            return datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC), None
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return _midnight(date.fromisoformat(text)), timedelta(days=1)
        clock = _CLOCK.match(text, 10)
        if not clock:
            raise NoTime(text)
        found = datetime.fromisoformat(text)
        precision = MICROSECOND if clock[2] else timedelta(seconds=1) if clock[1] else timedelta(minutes=1)
        return (found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)), precision
    except (ValueError, OverflowError):
        raise NoTime(text) from None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _next_month(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def end_of(found: Moment, column: str, now: datetime, *, is_after: bool) -> datetime | date:
    """One end of a moment as a column has it: a time, or a day for columns of days (`…_on`)."""
    start, after = found.at(now)
    if not column.endswith("_on"):
        return after if is_after else start
    first, last = start.astimezone(UTC).date(), (after - MICROSECOND).astimezone(UTC).date()
    return last + timedelta(days=1) if is_after else first
