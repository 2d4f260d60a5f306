"""What a detector is made of: a shape to look for, what gives it away, and a check of what was found."""

from collections.abc import Callable
from dataclasses import dataclass

import re2

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

    @property
    def value(self) -> bytes:
        return self.text[self.start : self.end]

    def before(self, length: int) -> bytes:
        return self.text[max(0, self.start - length) : self.start].rpartition(b"\0")[2]

    def after(self, length: int) -> bytes:
        return self.text[self.end : self.end + length].partition(b"\0")[0]


Check = Callable[[Found], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One shape of one kind of personal data.

    kind: its name in rules and placeholders. pattern: RE2, over bytes; its group 1 is what is taken out, or all of it.
    No pattern may match a NUL: that is what stands between two texts. trigger: a cheap pattern; each match has it in its
    own line, or in one of the two lines before. before, after: bytes that may not stand beside the match.
    """

    kind: str
    pattern: str
    trigger: str
    check: Check | None = None
    before: frozenset[int] = NONE
    after: frozenset[int] = NONE


def compiled(pattern: str | bytes, *, is_whole: bool = False, memory: int = 8 << 20) -> "re2._Regexp":
    """A pattern whose time is linear in the text. is_whole: its groups are of no interest."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = is_whole
    options.max_mem = memory
    return re2.compile(pattern.encode() if isinstance(pattern, str) else pattern, options)
