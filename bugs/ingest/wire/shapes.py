"""Readers of values that may have any shape; what does not fit becomes nothing. Pure."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

DEPTH_MAX, ENTRIES_MAX, TEXT_MAX = 5, 50, 1000
NAME_MAX, WORD_MAX = 200, 100
_ENDS = re.compile(r"[\s\"'`<>(){}\[\],;|&?=]")


def text(value: Any, limit: int = TEXT_MAX) -> str:
    """Strings and numbers as text; anything else is none."""
    if type(value) is str:
        return value if len(value) <= limit else cut(value, limit)
    if isinstance(value, bool):
        return "true" if value else "false"
    return cut(str(value), limit) if isinstance(value, str | int | float) else ""


def cut(text: str, limit: int) -> str:
    """Its beginning, without a last word or number that may be half of one: half a secret is not known for one."""
    if len(text) <= limit:
        return text
    ends = [found.start() for found in _ENDS.finditer(text, max(limit - WORD_MAX, 0), limit)]
    return text[: ends[-1] + 1].rstrip("0123456789 ()+-./") if ends else text[:limit]


def address(text: str) -> str:
    """Without query and fragment: tokens and names travel there."""
    return text.partition("#")[0].partition("?")[0]


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def values(value: Any) -> list[Any]:
    """`{"values": [...]}`, a bare list, or a lone object."""
    if isinstance(value, dict):
        value = value.get("values", [value])
    return value if isinstance(value, list) else []


def pairs(value: Any) -> list[tuple[Any, Any]]:
    """An object, a list of pairs or a list of `{"key", "value"}`."""
    if isinstance(value, dict):
        return list(value.items())
    found: list[tuple[Any, Any]] = []
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, list) and len(entry) == 2:
            found.append((entry[0], entry[1]))
        elif isinstance(entry, dict) and "key" in entry:
            found.append((entry["key"], entry.get("value")))
    return found


def bounded(value: Any, depth: int = DEPTH_MAX) -> Any:
    """The same value with its depth, its breadth and its texts cut to size."""
    if type(value) is str:
        return value if len(value) <= TEXT_MAX else cut(value, TEXT_MAX)
    if not isinstance(value, dict | list):
        return value
    if not depth:
        return "..."
    if isinstance(value, dict):
        some = value.items() if len(value) <= ENTRIES_MAX else list(value.items())[:ENTRIES_MAX]
        return {
            name if len(name) <= NAME_MAX else cut(name, NAME_MAX): _entry(entry, depth - 1) for name, entry in some
        }
    return [_entry(entry, depth - 1) for entry in value[:ENTRIES_MAX]]


def _entry(value: Any, depth: int) -> Any:
    """Most entries are short texts: those cost no more than a look."""
    return value if type(value) is str and len(value) <= TEXT_MAX else bounded(value, depth)


def moment(value: Any) -> datetime | None:
    """RFC 3339 text or seconds since 1970, also as text; without a zone it is UTC."""
    try:
        return _moment(value)
    except (ValueError, OverflowError, OSError):
        return None


def identifier(value: Any) -> UUID | None:
    """A UUID with or without dashes."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.fromtimestamp(float(value), UTC)
