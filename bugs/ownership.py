"""Which assignment rule a new bug falls under. Pure."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Rule(Protocol):
    @property
    def component(self) -> str: ...
    @property
    def path(self) -> str: ...


Found = TypeVar("Found", bound=Rule)


def first_of(rules: Iterable[Found], *, component: str, path: str) -> Found | None:
    """The first rule whose patterns both fit."""
    return next((rule for rule in rules if fits(rule.component, component) and fits(rule.path, path)), None)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is like a pattern: `*` stands for anything, case does not count, an empty pattern fits all.

    Cut and searched once, from left to right: a regular expression with many `*` could be made to take for ever.
    """
    if not pattern:
        return True
    text = text.casefold()
    first, *rest = pattern.casefold().split("*")
    if not rest:
        return text == first
    last = rest.pop()
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in rest:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
