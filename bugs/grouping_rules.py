"""What a project says of its own errors: reports like this are grouped, named, rated or let go like that. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

FIELDS = (
    *("exception", "value", "message", "level", "path", "module", "function", "transaction", "component"),
    *("environment", "release", "platform", "url"),
)
LABELS = ("environment", "release", "platform")  # four numbers are a version in them, no address
TAG = "tag."
DEFAULT = "default"
CONDITIONS_MAX, PATTERN_MAX = 10, 200
PARTS_MAX, PART_MAX = 10, 200  # of a fingerprint
TAG_MAX = 200
GLOBS_KNOWN = 10_000  # patterns that a process has ready
VARIABLE = re.compile(r"\{\{\s*([^{}\s][^{}]{0,199}?)\s*\}\}")


class BadRule(ValueError):
    """What a rule cannot be like; `pointer` names the place in it."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


class Glob:
    """A pattern in which `*` stands for anything and `?` for one character; case does not count.

    Cut at its `*` and searched once, from left to right: the time is that of the pattern times that of the text.
    """

    __slots__ = ("_first", "_is_open", "_last", "_middle", "_tail")

    def __init__(self, pattern: str) -> None:
        first, *rest = pattern.casefold().split("*")
        self._is_open = bool(rest)  # without any `*` the text is the first piece and nothing more
        last = rest.pop() if rest else ""
        self._first, self._last, self._tail = _piece(first), _piece(last), len(last)
        self._middle = [_piece(piece) for piece in rest if piece]

    def fits(self, text: str) -> bool:
        """Whether a case-folded text is like the pattern, from its beginning to its end."""
        begin = self._first.match(text)
        if begin is None:
            return False
        place, end = begin.end(), len(text) - self._tail
        if not self._is_open:
            return place == len(text)
        for piece in self._middle:
            found = piece.search(text, place, max(end, 0))
            if found is None:
                return False
            place = found.end()
        return place <= end and self._last.match(text, end) is not None


def _piece(text: str) -> re.Pattern[str]:
    """Without any quantifier there is nothing to go back to."""
    return re.compile("".join("." if letter == "?" else re.escape(letter) for letter in text), re.DOTALL)


glob = lru_cache(maxsize=GLOBS_KNOWN)(Glob)


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    pattern: Glob


@dataclass(frozen=True, slots=True)
class Rule:
    """One active rule, ready to be matched."""

    id: UUID
    name: str
    conditions: tuple[Condition, ...]
    fingerprint: tuple[str, ...] = ()
    component: str = ""
    severity: str = ""
    is_ignored: bool = False


Rules = Sequence[Rule]  # in the order in which they are tried


def rule_of(row: Mapping[str, Any]) -> Rule:
    """A rule of its columns."""
    return Rule(
        id=row["id"],
        name=row["name"],
        conditions=tuple(Condition(each["field"], glob(each["pattern"])) for each in row["match"]),
        fingerprint=tuple(row["fingerprint"]),
        component=row["component"],
        severity=row["severity"],
        is_ignored=row["is_ignored"],
    )


def check_match(value: Any) -> list[dict[str, str]]:
    """Conditions, all of which must fit. Raises BadRule."""
    if not isinstance(value, list) or not 1 <= len(value) <= CONDITIONS_MAX:
        raise BadRule("", f"A rule has 1 to {CONDITIONS_MAX} conditions.")
    return [_check_condition(each, f"/{place}") for place, each in enumerate(value)]


def check_fingerprint(value: Any) -> list[str]:
    """Parts of a fingerprint; none leaves grouping as it is. Raises BadRule."""
    if not isinstance(value, list) or len(value) > PARTS_MAX:
        raise BadRule("", f"A fingerprint has {PARTS_MAX} parts at most.")
    for place, part in enumerate(value):
        if not isinstance(part, str) or not 1 <= len(part) <= PART_MAX or "\x00" in part:
            raise BadRule(f"/{place}", f"A part is a text of 1 to {PART_MAX} characters.")
        for name in VARIABLE.findall(part):
            if name == DEFAULT and not VARIABLE.fullmatch(part):
                raise BadRule(f"/{place}", "{{ default }} is a part of its own.")
            if name != DEFAULT and not _is_field(name):
                raise BadRule(f"/{place}", f"There is no field {name}.")
    return list(value)


def _check_condition(value: Any, pointer: str) -> dict[str, str]:
    if not isinstance(value, dict) or value.keys() != {"field", "pattern"}:
        raise BadRule(pointer, "A condition has a field and a pattern.")
    field, pattern = value["field"], value["pattern"]
    if not isinstance(field, str) or not _is_field(field):
        raise BadRule(f"{pointer}/field", f"Fields are {', '.join(FIELDS)} and {TAG}<name>.")
    if not isinstance(pattern, str) or not 1 <= len(pattern) <= PATTERN_MAX or "\x00" in pattern:
        raise BadRule(f"{pointer}/pattern", f"A pattern has 1 to {PATTERN_MAX} characters.")
    return {"field": field, "pattern": pattern}


def _is_field(name: str) -> bool:
    is_tag = name.startswith(TAG) and len(TAG) < len(name) <= len(TAG) + TAG_MAX and "\x00" not in name
    return name in FIELDS or is_tag
