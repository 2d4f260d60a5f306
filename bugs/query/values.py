"""Reading the values of a filter, by kind of field: each becomes a condition, or is refused at its place. Pure."""

import math
import re
from collections.abc import Callable
from datetime import timedelta

from bugs.query import conditions as c
from bugs.query import times
from bugs.query.errors import BadQuery, hint
from bugs.query.fields import Field
from bugs.query.tree import Between, Compare, Value

MAX_NUMBER = 10**9
MAX_WILDCARDS = 5
NONE, ME = "none", "me"
_WHOLE = re.compile(r"[0-9]{1,10}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Test = Compare | Between


def is_none(value: Value) -> bool:
    return value.text == NONE and not value.is_quoted


def wrong(value: Value, detail: str, code: str = "invalid_value") -> BadQuery:
    return BadQuery(code, detail, value.span.position, value.span.length)


def unknown(field: Field, value: Value, known: tuple[str, ...]) -> BadQuery:
    detail = f"{field.name} has no value {value.text[:40]!r}.{hint(value.text, known)} There are: {', '.join(known)}."
    return wrong(value, detail)


def plain(field: Field, test: Test) -> Value:
    """The value of a test without operator or range."""
    value = test.value if isinstance(test, Compare) else test.low or test.high
    assert value is not None
    if isinstance(test, Between) or test.operator:
        raise wrong(value, f"{field.name} has no order: it takes values alone.", "invalid_operator")
    return value


def choice(field: Field, test: Test) -> c.Condition:
    return c.OneOf(field.source, choices(field, test))


def choices(field: Field, test: Test) -> tuple[str, ...]:
    """The choices that a test lets through."""
    known = field.values
    if isinstance(test, Compare) and not test.operator:
        if field.can_be_missing and is_none(test.value):
            return ("",)
        return (known[_place(field, test.value)],)
    if not field.is_ordered:
        plain(field, test)
    if isinstance(test, Between):
        low = 0 if test.low is None else _place(field, test.low)
        high = len(known) if test.high is None else _place(field, test.high) + 1
        return known[low:high]
    place = _place(field, test.value)
    return {">": known[place + 1 :], ">=": known[place:], "<": known[:place], "<=": known[: place + 1]}[test.operator]


def _place(field: Field, value: Value) -> int:
    name = value.text.casefold()
    if name not in field.values:
        raise unknown(field, value, field.values)
    return field.values.index(name)


def name(field: Field, test: Test) -> c.Condition:
    value = plain(field, test)
    if is_none(value):
        return c.OneOf(field.source, ("",))
    parts = _parts(value)
    return c.OneOf(field.source, (value.text,)) if parts is None else c.Like(field.source, parts)


def _parts(value: Value) -> tuple[str, ...] | None:
    """The texts between the stars; None when there is no star that means anything."""
    if value.is_prefix:
        return (value.text, "")
    if value.is_quoted or "*" not in value.text:
        return None
    parts = tuple(value.text.split("*"))
    if len(parts) > MAX_WILDCARDS + 1:
        raise wrong(value, f"A value has at most {MAX_WILDCARDS} stars.")
    return parts


def reference(field: Field, test: Test) -> c.Condition:
    value = plain(field, test)
    if field.can_be_missing and is_none(value):
        return c.Missing(field.source)
    return c.Reference(field.source, value.text)


def person(field: Field, test: Test) -> c.Condition:
    value = plain(field, test)
    if is_none(value) and field.can_be_missing:
        return c.Missing(field.source)
    return c.Person(field.source, None if value.text == ME and not value.is_quoted else value.text)


def number(field: Field, test: Test) -> c.Condition:
    if isinstance(test, Between):
        low = None if test.low is None else _whole(test.low)
        high = None if test.high is None else _whole(test.high) + 1
        return c.Between(field.source, low, high)
    found = _whole(test.value)
    low, high = _RANGES[test.operator](found)
    return c.Between(field.source, low, high)


_RANGES: dict[str, Callable[[int], tuple[int | None, int | None]]] = {
    "": lambda n: (n, n + 1),
    ">": lambda n: (n + 1, None),
    ">=": lambda n: (n, None),
    "<": lambda n: (None, n),
    "<=": lambda n: (None, n + 1),
}


def _whole(value: Value) -> int:
    if not _WHOLE.fullmatch(value.text) or int(value.text) > MAX_NUMBER:
        raise wrong(value, f"A whole number from 0 to {MAX_NUMBER} stands here.")
    return int(value.text)


def time(field: Field, test: Test) -> c.Condition:
    if isinstance(test, Between):
        low, high = (None if end is None else _moment(end) for end in (test.low, test.high))
        return c.Between(field.source, low, high, is_high_after=True)
    if not test.operator and is_none(test.value) and field.can_be_missing:
        return c.Missing(field.source)
    found = _moment(test.value)
    match test.operator:
        case ">":
            return c.Between(field.source, found, None, is_low_after=True)
        case ">=":
            return c.Between(field.source, found, None)
        case "<":
            return c.Between(field.source, None, found)
        case "<=":
            return c.Between(field.source, None, found, is_high_after=True)
    return _around(field, found)


def _around(field: Field, found: times.Moment) -> c.Condition:
    """Within a day, a minute and so on; `-7d` is from then to now, `+7d` from now to then."""
    if found.offset is None:
        return c.Between(field.source, found, found, is_high_after=True)
    now = times.Moment(offset=timedelta())
    low, high = (found, now) if found.offset < timedelta() else (now, found)
    return c.Between(field.source, low, high, is_high_after=True)


def _moment(value: Value) -> times.Moment:
    try:
        return times.moment(value.text)
    except times.NoTime:
        detail = "A time stands here, such as 2026-05-31, 2026-05-31T14:00Z, -7d, +2h, now or today."
        raise wrong(value, detail) from None


def age(field: Field, test: Test) -> c.Condition:
    """How long ago: older means an earlier time."""
    if isinstance(test, Between):
        high = None if test.low is None else _ago(test.low)[0]
        low = None if test.high is None else _ago(test.high)[0]
        return c.Between(field.source, low, high, is_high_after=True)
    found, before = _ago(test.value)
    match test.operator:
        case ">":
            return c.Between(field.source, None, found)
        case ">=":
            return c.Between(field.source, None, found, is_high_after=True)
        case "<":
            return c.Between(field.source, found, None, is_low_after=True)
        case "<=":
            return c.Between(field.source, found, None)
    return c.Between(field.source, before, found, is_low_after=True, is_high_after=True)


def _ago(value: Value) -> tuple[times.Moment, times.Moment]:
    try:
        length, unit = times.span(value.text)
    except times.NoTime:
        raise wrong(value, "A span stands here, such as 30m, 12h, 7d, 2w or 1y.") from None
    return times.Moment(offset=-length), times.Moment(offset=-length - unit)


def entry(field: Field, key: str, test: Test) -> c.Condition:
    """A tag or a custom field. Tags are texts; what a custom field is, is told by the value."""
    column = field.source
    if isinstance(test, Between):
        low, high = (None if end is None else _comparable(end) for end in (test.low, test.high))
        if low is not None and high is not None and type(low) is not type(high):
            assert test.high is not None
            raise wrong(test.high, "Both ends of a range are numbers, or both are days.")
        return c.EntryBetween(column, key, low, high)
    value = test.value
    match test.operator:
        case ">" | ">=":
            return c.EntryBetween(column, key, _comparable(value), None, is_low_out=test.operator == ">")
        case "<" | "<=":
            return c.EntryBetween(column, key, None, _comparable(value), is_high_out=test.operator == "<")
    if is_none(value):
        return c.EntryMissing(column, key)
    parts = _parts(value)
    if parts is not None:
        return c.EntryLike(column, key, parts)
    found = tuple(c.Entry(column, key, one) for one in _typed(field, value))
    return found[0] if len(found) == 1 else c.Any(found)


def _typed(field: Field, value: Value) -> list[str | float | bool]:
    """What a value may mean: its text, and for custom fields the number or truth value that it spells."""
    meanings: list[str | float | bool] = [value.text]
    if field.name == "custom" and not value.is_quoted:
        if _DECIMAL.fullmatch(value.text):
            meanings.append(float(value.text))
        elif value.text in ("true", "false"):
            meanings.append(value.text == "true")
    return meanings


def _comparable(value: Value) -> float | str:
    if _DAY.fullmatch(value.text):
        return value.text
    if _DECIMAL.fullmatch(value.text) and math.isfinite(float(value.text)):
        return float(value.text)
    raise wrong(value, "A number or a day such as 2026-05-31 stands here.")
