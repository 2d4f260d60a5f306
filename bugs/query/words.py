"""Texts as words with places: what filters look for, in PostgreSQL and in memory alike. Pure.

PostgreSQL's own parser has ideas about hyphens, addresses and numbers that nobody could repeat in memory, so words are
cut here, once, and handed to it as a finished tsvector.
"""

import re
from collections.abc import Iterable

MAX_WORDS = 3_000  # of one part; the places of a tsvector end at 16,383
MAX_LETTERS = 200
MAX_PART = 50_000  # letters of all the words of one part: a tsvector has less than a megabyte
MAX_PLACES = 255  # of one word in a tsvector
GAP = 10  # between parts, so that no phrase spans two
_WORD = re.compile(r"\w+")
_QUOTED = str.maketrans({"'": "''", "\\": "\\\\"})
Vector = dict[str, list[tuple[int, str]]]


def of(text: str) -> list[str]:
    """The words of a text: runs of letters, digits and `_`, case-folded, bounded in number and length."""
    words: list[str] = []
    room = MAX_PART
    for found in _WORD.finditer(text):
        word = found[0].casefold()[:MAX_LETTERS]
        room -= len(word)
        if room < 0 or len(words) == MAX_WORDS:
            break
        words.append(word)
    return words


def places(parts: Iterable[tuple[str, str]]) -> Vector:
    """word -> its places with their weights, for parts given as (weight `A` to `D`, text)."""
    found: Vector = {}
    place = 0
    for weight, text in parts:
        for word in of(text):
            place += 1
            at = found.setdefault(word, [])
            if place <= 16_383 and len(at) < MAX_PLACES:
                at.append((place, weight))
        place += GAP
    return found


def vector(parts: Iterable[tuple[str, str]]) -> str:
    """The same as the text of a tsvector; cast it with `::tsvector`."""
    return " ".join(
        f"{quoted(word)}:{','.join(f'{place}{weight}' for place, weight in at)}"
        for word, at in places(parts).items()
        if at
    )


def quoted(word: str) -> str:
    """A word as tsvectors and tsqueries take it."""
    return f"'{word.translate(_QUOTED)}'"
