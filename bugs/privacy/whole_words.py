"""Names that a record tells: where they stand in a text, in any case, as whole words."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import re2

from bugs.privacy.detectors.paths import GENERIC
from bugs.privacy.detectors.shapes import WORD, compiled

NAME_MIN = 3  # letters of one that is looked for
APART_MAX = 3  # letters between two parts of one
_PARTS, _APART = re.compile(r"[\s._-]+"), b" \t\n\f\r._-"
_ALIKE = ("ſ".encode(), "\N{KELVIN SIGN}".encode())  # beyond ASCII these alone are letters of ASCII in another case
Place = tuple[int, int]  # from and to, in bytes


def tells(name: str) -> bool:
    name = name.strip()
    return len(name) >= NAME_MIN and any(map(str.isalpha, name)) and name.lower().encode() not in GENERIC


def longest(name: str) -> str:
    """The part of a name that is looked for first."""
    return max(_PARTS.split(name.lower()), key=len)


def places(names: Sequence[str], text: bytes) -> list[Place]:
    """Of names that tell something. `Jane Doe` is `jane.doe` and `jane_doe` too."""
    if all(map(str.isascii, names)) and not any(letter in text for letter in _ALIKE):
        found = _plain(names, text.lower())
    else:
        found = (match.span() for match in _any_of(tuple(names)).finditer(text))
    return [(start, end) for start, end in found if _stands_alone(text, start, end)]


def _plain(names: Sequence[str], text: bytes) -> Iterator[Place]:
    """What the pattern finds, which takes longer to make than a report to read."""
    ahead = [(place, parts) for parts in map(_lowered, _in_order(names)) if (place := _next(parts, text, 0))]
    while ahead:
        start, at = min((place for place, _ in ahead), key=_start)
        yield start, at
        moved = [(place if place[0] >= at else _next(parts, text, at), parts) for place, parts in ahead]
        ahead = [(place, parts) for place, parts in moved if place]


def _next(parts: Sequence[bytes], text: bytes, at: int) -> Place | None:
    """Where from there on the parts first follow each other."""
    first, *others = parts
    while (start := text.find(first, at)) >= 0:
        end = start + len(first)
        for part in others:
            near = text[end : end + APART_MAX + 1]
            apart = len(near) - len(near.lstrip(_APART))
            if not 0 < apart <= APART_MAX or not text.startswith(part, end + apart):
                break
            end += apart + len(part)
        else:
            return start, end
        at = start + 1
    return None


def _in_order(names: Sequence[str]) -> list[list[str]]:
    """Parts of names; of two that begin at one place the longer one wins."""
    parts = [[part for part in _PARTS.split(name) if part] for name in names]
    return sorted(filter(None, parts), key=lambda one: len(_pattern(one)), reverse=True)


def _lowered(parts: Sequence[str]) -> list[bytes]:
    return [part.lower().encode() for part in parts]


def _start(place: Place) -> int:
    return place[0]


def _pattern(parts: Sequence[str]) -> str:
    return rf"[\s._-]{{1,{APART_MAX}}}".join(re2.escape(part) for part in parts)


@lru_cache(maxsize=64)
def _any_of(names: tuple[str, ...]) -> Any:
    return compiled(f"(?i:{'|'.join(map(_pattern, _in_order(names)))})", is_whole=True)


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    """No letter, digit or letter of another script beside it."""
    return not any(byte in WORD or byte > 127 for byte in text[max(start - 1, 0) : start] + text[end : end + 1])
