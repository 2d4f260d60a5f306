"""What a detector is made of: a shape to look for, what gives it away, and a check of what was found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import re2

# Letters of patterns, in brackets: those of all scripts in a few ranges, since \pL has hundreds.
LETTER = r"A-Za-z\x{c0}-\x{1fff}\x{3040}-\x{d7ff}"
CAPITAL = r"A-Z\x{c0}-\x{de}\x{100}-\x{24f}\x{386}-\x{3ab}\x{400}-\x{42f}"
# Bytes that may not stand beside a match.
DIGITS = frozenset(b"0123456789")
LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
WORD = DIGITS | LETTERS | frozenset(b"_")
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A match: what would be taken out, and the text that it stands in."""

    text: bytes
    start: int
    end: int
    match_start: int  # of all that the pattern matched, its cue too

    @property
    def value(self) -> bytes:
        return self.text[self.start : self.end]

    @property
    def cue(self) -> bytes:
        return self.text[self.match_start : self.start]

    def before(self, length: int) -> bytes:
        return self.text[max(0, self.start - length) : self.start].rpartition(b"\0")[2]

    def after(self, length: int) -> bytes:
        return self.text[self.end : self.end + length].partition(b"\0")[0]


Check = Callable[[Found], bool | tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One shape of one kind of personal data.

    kind: its name in rules and placeholders. pattern: RE2, over bytes; the last of its groups that took part is what is
    taken out, or all of it. No pattern may match a NUL: that stands between two texts. trigger: a cheap pattern; each
    match has it in its own line, or in one of the lines before that its gate says. check: whether it is what it looks
    like, or which part of the text is. before, after: bytes that may not stand beside what is taken out.
    """

    kind: str
    pattern: str
    trigger: str
    check: Check | None = None
    before: frozenset[int] = NONE
    after: frozenset[int] = NONE


@dataclass(frozen=True, slots=True)
class Gate:
    """Shapes whose triggers are looked for in one pass. lines: how many after a trigger's own are looked at."""

    shapes: Sequence[Shape]
    lines: int = 0


def compiled(pattern: str | bytes, *, is_whole: bool = False, memory: int = 8 << 20) -> Any:
    """A pattern whose time is linear in the text. is_whole: its groups are of no interest."""
    return re2.compile(pattern.encode() if isinstance(pattern, str) else pattern, _options(is_whole, memory))


def which_of(patterns: Sequence[str]) -> Any:
    """Which of several patterns are in a text: `Match` tells their places in the list."""
    found = re2.Set.SearchSet(_options(True, 32 << 20))
    for pattern in patterns:
        found.Add(pattern.encode())
    found.Compile()
    return found


def _options(is_whole: bool, memory: int) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = is_whole
    options.max_mem = memory
    return options
