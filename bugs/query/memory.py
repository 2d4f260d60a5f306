"""Conditions over the filter document of one bug (`bugs.selectors.matching`): the same answers as SQL. Pure."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice, takewhile
from typing import Any

from bugs.query import conditions as c
from bugs.query.context import lexeme
from bugs.query.times import Moment, end_of

Document = Mapping[str, Any]
Predicate = Callable[[Document, datetime], bool]
_LEXEME = re.compile(r"'((?:[^']|'')*)'(?::([0-9A-C,]+))?")


class Vector(dict[str, Mapping[int, str]]):
    """word -> place -> weight."""

    _sorted: list[str] | None = None

    def starting(self, prefix: str) -> Iterator[str]:
        """The words that do; there are thousands, and many filters ask."""
        if self._sorted is None:
            self._sorted = sorted(self)
        first = bisect_left(self._sorted, prefix)
        return takewhile(lambda word: word.startswith(prefix), islice(self._sorted, first, None))


def compiled(condition: c.Condition, *, user_id: int | None) -> Predicate:
    """The condition as a function of a filter document and the time of asking."""
    match condition:
        case c.Not():
            inner = compiled(condition.node, user_id=user_id)
            return lambda document, now: not inner(document, now)
        case c.All():
            parts = [compiled(node, user_id=user_id) for node in condition.nodes]
            return lambda document, now: all(part(document, now) for part in parts)
        case c.Any():
            parts = [compiled(node, user_id=user_id) for node in condition.nodes]
            return lambda document, now: any(part(document, now) for part in parts)
        case c.Between():
            return lambda document, now: _between(condition, document, now)
        case c.Person():
            return lambda document, now: _person(condition, document, user_id)
    return lambda document, now: _LEAVES[type(condition)](condition, document)


def vector(text: str) -> Vector:
    """The text of a tsvector, read back."""
    found = Vector()
    for word, at in _LEXEME.findall(text):
        places = (place for place in at.split(",") if place)
        found[word.replace("''", "'").replace("\\\\", "\\")] = {
            int(place.rstrip("ABC")): place[-1] if place[-1] in "ABC" else "D" for place in places
        }
    return found


def _words(node: c.Words, document: Document) -> bool:
    if not node.context:
        return _has_phrase(document["words"], node.words, node)
    named = [lexeme(node.context, word) for word in node.words]
    return any(_has_phrase(one, named, node) for one in document["contexts"])


def _has_phrase(found: Vector, wanted: Sequence[str], node: c.Words) -> bool:
    last = len(wanted) - 1
    places = [_places(found, word, node.weights, node.is_prefix and at == last) for at, word in enumerate(wanted)]
    return any(all(start + at in there for at, there in enumerate(places)) for start in places[0])


def _places(found: Vector, word: str, weights: str, is_prefix: bool) -> set[int]:
    words = found.starting(word) if is_prefix else [word] if word in found else []
    return {place for one in words for place, weight in found[one].items() if weight in weights}


def _any_word(node: c.AnyWord, document: Document) -> bool:
    prefix = lexeme(node.context, "")
    return any(any(one.starting(prefix)) for one in document["contexts"])


def _like(text: str, parts: Sequence[str]) -> bool:
    """Each part at its first place after the one before is enough; a regular expression would try all of them."""
    first, *between, last = parts
    at, end = len(first), len(text) - len(last)
    if end < at or not text.startswith(first) or not text.endswith(last):
        return False
    for part in between:
        at = text.find(part, at, end) + len(part)
        if at < len(part):
            return False
    return True


def _between(node: c.Between, document: Document, now: datetime) -> bool:
    value = document[node.column]
    if value is None:
        return False
    low = _bound(node.low, node.is_low_after, node.column, now)
    high = _bound(node.high, node.is_high_after, node.column, now)
    return (low is None or value >= low) and (high is None or value < high)


def _bound(bound: int | Moment | None, is_after: bool, column: str, now: datetime) -> int | datetime | date | None:
    return end_of(bound, column, now, is_after=is_after) if isinstance(bound, Moment) else bound


def _person(node: c.Person, document: Document, user_id: int | None) -> bool:
    if node.column == "watchers":
        wanted = user_id if node.name is None else node.name
        return any(wanted in watcher for watcher in document["watchers"])
    if node.name is None:
        return user_id is not None and bool(document[f"{node.column}_id"] == user_id)
    return bool(document[node.column] == node.name)


def _entry(node: c.Entry, document: Document) -> bool:
    value = document[node.column].get(node.key)
    return _kind(value) == _kind(node.value) and bool(value == node.value)


def _entry_like(node: c.EntryLike, document: Document) -> bool:
    value = document[node.column].get(node.key)
    return isinstance(value, str) and _like(value, node.parts)


def _entry_between(node: c.EntryBetween, document: Document) -> bool:
    value = document[node.column].get(node.key)
    for end, is_out, sign in ((node.low, node.is_low_out, 1), (node.high, node.is_high_out, -1)):
        if end is None:
            continue
        if _kind(value) != _kind(end):
            return False
        order = (value > end) - (value < end)
        if order * sign < 0 or (is_out and order == 0):
            return False
    return True


def _kind(value: Any) -> type | None:
    """As JSON tells values apart: true is no number."""
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, int | float) else str if isinstance(value, str) else None


def _entry_missing(node: c.EntryMissing, document: Document) -> bool:
    return node.key not in document[node.column] if node.key else not document[node.column]


def _changed(node: c.Changed, document: Document) -> bool:
    return node.field in document.get("changes", {})


def _was(node: c.Was, document: Document) -> bool:
    change = document.get("changes", {}).get(node.field)
    return isinstance(change, Mapping) and change.get("from") in node.values


_LEAVES: dict[Any, Callable[[Any, Document], bool]] = {
    c.Words: _words,
    c.AnyWord: _any_word,
    c.OneOf: lambda node, document: document[node.column] in node.values,
    c.Like: lambda node, document: _like(document[node.column], node.parts),
    c.Missing: lambda node, document: document[node.column] is None,
    c.Reference: lambda node, document: bool(document[node.column] == node.name),
    c.Entry: _entry,
    c.EntryLike: _entry_like,
    c.EntryBetween: _entry_between,
    c.EntryMissing: _entry_missing,
    c.Changed: _changed,
    c.Was: _was,
}
