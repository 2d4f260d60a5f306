"""Texts of bugs with numbered gaps, and their search vectors, worked out once and filled in a million times."""

import random
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from bench.seed import phrases, vocabulary
from bugs.query import words

SLOTS = vocabulary.WINDOW
SENTENCES_MEDIAN, SENTENCES_SPREAD, SENTENCES_MAX = 4.2, 0.75, 70
REUSE = 0.35  # of gaps take a word that the text had before
Window = list[tuple[bytes, bytes]]  # a word and its stem for each slot
_LETTERS = "bcdfghjklm"
_STAND_IN = re.compile(r"zq([b-m])([b-m])x")
_STEMS = (
    "SELECT setweight(to_tsvector('english', %s), 'A') || setweight(to_tsvector('english', %s), 'B')"
    " || setweight(to_tsvector('english', %s), 'C') || setweight(to_tsvector('english', %s), 'D'), %s::tsvector"
)


def _nothing(given: Any) -> tuple[()]:
    return ()


class Gapped:
    """A text that is filled with the words of one place of the stream."""

    __slots__ = ("_form", "_pick")

    def __init__(self, parts: list[bytes], order: list[int]) -> None:
        self._form = b"%b".join(part.replace(b"%", b"%%") for part in parts)
        self._pick: Callable[[Any], Any] = itemgetter(*order) if order else _nothing

    @classmethod
    def of(cls, text: str) -> "Gapped":
        pieces = _STAND_IN.split(text)
        numbers = [_number(*letters) for letters in zip(pieces[1::3], pieces[2::3], strict=True)]
        return cls([piece.encode() for piece in pieces[0::3]], numbers)

    def fill(self, given: list[bytes]) -> bytes:
        filled: bytes = self._form % self._pick(given)
        return filled


@dataclass(frozen=True, slots=True)
class Frame:
    """One bug's texts; `words` and `stems` are tsvectors in PostgreSQL's binary form."""

    title: Gapped
    texts: tuple[Gapped | None, ...]  # description, steps, expected, actual
    comments: tuple[tuple[bool, Gapped], ...]  # (is internal, body), oldest first
    error: Gapped | None
    words: Gapped
    stems: Gapped
    public: int  # comments that everyone may read


@dataclass(slots=True)
class _Draft:
    """A frame in the making: hands out the numbers of its gaps."""

    dice: random.Random
    slots: list[int]
    used: int = 0
    last: dict[str, str] = field(default_factory=dict)

    def sentence(self, patterns: list[str]) -> str:
        chosen = re.sub(r"\{(\w+)\}", self._choice, self.dice.choice(patterns))
        return re.sub("#", lambda _: self._gap(), chosen)

    def _choice(self, found: re.Match[str]) -> str:
        name = found[1]
        text = self.dice.choice(phrases.CHOICES[name.lower()])
        return text[0].upper() + text[1:] if name[0].isupper() else text

    def _gap(self) -> str:
        if self.used == SLOTS or (self.used > 2 and self.dice.random() < REUSE):
            return _stand_in(self.slots[self.dice.randrange(self.used)])
        self.used += 1
        return _stand_in(self.slots[self.used - 1])


def make(database: Any, dice: random.Random, count: int, window: Window) -> list[Frame]:
    """Frames by kind in turn: about 3 of 10 have an error, 4 of 10 have comments. window: any of the stream."""
    return [_frame(database, dice, window, with_error=number % 10 in (2, 5, 8)) for number in range(count)]


def fixed_words() -> list[str]:
    """Every word that the sentences bring themselves: the vocabulary must not have it again."""
    lists = [phrases.TITLES, phrases.SENTENCES, phrases.STEPS, phrases.EXPECTED, phrases.ACTUAL]
    lists += [phrases.COMMENTS, phrases.ERRORS, *phrases.CHOICES.values()]
    return [text for texts in lists for text in texts]


def _frame(database: Any, dice: random.Random, window: Window, *, with_error: bool) -> Frame:
    draft = _Draft(dice, dice.sample(range(SLOTS), SLOTS))
    title = draft.sentence(phrases.TITLES)
    length = min(SENTENCES_MAX, max(1, round(dice.lognormvariate(0, SENTENCES_SPREAD) * SENTENCES_MEDIAN)))
    description = " ".join(draft.sentence(phrases.SENTENCES) for _ in range(length))
    steps = expected = actual = ""
    if dice.random() < 0.3:
        lines = [draft.sentence(phrases.STEPS) for _ in range(dice.randint(2, 5))]
        steps = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
        expected, actual = draft.sentence(phrases.EXPECTED), draft.sentence(phrases.ACTUAL)
    said = dice.choices((0, 1, 2, 3, 5), (60, 18, 11, 7, 4))[0]
    comments = [(dice.random() < 0.2, draft.sentence(phrases.COMMENTS)) for _ in range(said)]
    error = draft.sentence(phrases.ERRORS) if with_error else ""
    body = "\n".join(filter(None, (description, steps, expected, actual)))
    public = "\n".join(text for internal, text in reversed(comments) if not internal)
    stems, exact = _vectors(database, (title, body, public, error), window)
    return Frame(
        title=Gapped.of(title),
        texts=tuple(Gapped.of(text) if text else None for text in (description, steps, expected, actual)),
        comments=tuple((internal, Gapped.of(text)) for internal, text in comments),
        error=Gapped.of(error) if error else None,
        words=exact,
        stems=stems,
        public=sum(not internal for internal, _ in comments),
    )


def _vectors(database: Any, parts: tuple[str, str, str, str], window: Window) -> tuple[Gapped, Gapped]:
    exact = words.vector(zip("ABCD", parts, strict=True))
    with database.cursor(binary=True) as cursor:
        stems, exact = cursor.execute(_STEMS, [*parts, exact]).fetchone()
    return _gapped(stems, [stem for _, stem in window]), _gapped(exact, [word for word, _ in window])


def _gapped(vector: bytes, words: list[bytes]) -> Gapped:
    """A tsvector in binary: a count, then for each word its bytes, 0, the number of places, the places.

    words: one of each slot, which says where among the others its word will nearly stand.
    """
    (count,) = struct.unpack_from(">i", vector)
    found: list[tuple[bytes, int | None, bytes]] = []
    at = 4
    for _ in range(count):
        end = vector.index(0, at)
        (places,) = struct.unpack_from(">H", vector, end + 1)
        after = end + 3 + 2 * places
        if gap := _STAND_IN.fullmatch(vector[at:end].decode()):
            slot = _number(gap[1], gap[2])
            found.append((words[slot], slot, vector[end:after]))
        elif _STAND_IN.search(vector[at:end].decode()):
            raise ValueError(f"a gap became part of another word: {vector[at:end]!r}")
        else:
            found.append((vector[at:end], None, vector[at:after]))
        at = after
    parts, order = [vector[:4]], []
    for _, gap_slot, rest in sorted(found, key=lambda one: one[0]):
        if gap_slot is None:
            parts[-1] += rest
        else:
            order.append(gap_slot)
            parts.append(rest)
    return Gapped(parts, order)


def _stand_in(number: int) -> str:
    """A word that no text has and no stemmer changes."""
    return f"zq{_LETTERS[number // 10]}{_LETTERS[number % 10]}x"


def _number(tens: str, ones: str) -> int:
    return _LETTERS.index(tens) * 10 + _LETTERS.index(ones)
