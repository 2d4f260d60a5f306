"""What someone typed into the search box: words, "phrases", -excluded words, beginnings of words*. Pure.

Never an error for odd punctuation: whatever is no sign of the box is a word, and words are matched by PostgreSQL's own
parser, so that `user-id` or `cart.js` are cut in a search as they are in a bug.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_TEXT = 1_000  # characters
MAX_TERMS = 40
MIN_PREFIX = 3  # letters: a shorter beginning would begin half the vocabulary
_TERM = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_PREFIX = re.compile(r"(\w+)\*")


class BadText(ValueError):
    """A search text over a bound, or with what no text may hold."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term: all its words in a row, or a beginning.

    also: whole words that a beginning stands for, beside all whose stem begins so.
    """

    text: str
    is_phrase: bool = False
    is_prefix: bool = False
    is_excluded: bool = False
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        written = f'"{self.text}"' if self.is_phrase else self.text
        return f"{'-' if self.is_excluded else ''}{written}{'*' if self.is_prefix else ''}"


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a text in their order; raises BadText."""
    if len(text) > MAX_TEXT:
        raise BadText(f"A search has at most {MAX_TEXT} characters.")
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadText("A search has no NUL and no half characters.")
    terms = tuple(term for found in _TERM.finditer(text) if (term := _term(found)))
    if len(terms) > MAX_TERMS:
        raise BadText(f"A search has at most {MAX_TERMS} words and phrases.")
    return terms


def written(terms: Sequence[Term]) -> str:
    """The terms as someone would type them."""
    return " ".join(map(str, terms))


def _term(found: re.Match[str]) -> Term | None:
    minus, phrase, word = found.groups()
    if word is None:
        return Term(phrase, is_phrase=True, is_excluded=minus == "-") if _has_letters(phrase) else None
    is_excluded = len(word) > 1 and word.startswith("-")
    word = word.removeprefix("-") if is_excluded else word
    prefix = _PREFIX.fullmatch(word)
    if prefix and len(prefix[1]) < MIN_PREFIX:
        raise BadText(f"A beginning has at least {MIN_PREFIX} letters before its *.")
    if prefix:
        return Term(prefix[1], is_prefix=True, is_excluded=is_excluded)
    return Term(word, is_excluded=is_excluded) if _has_letters(word) else None


def _has_letters(text: str) -> bool:
    return any(letter.isalnum() for letter in text)
