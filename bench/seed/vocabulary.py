"""The words that bugs are about: fifty thousand, as unevenly used as those of a real tracker."""

import random
import tomllib
from bisect import bisect
from itertools import accumulate
from pathlib import Path
from typing import Any

from bugs.query import words as exact

WORDS = 50_000
WINDOW = 64  # words in a row that share no stem: a text takes at most so many, from all places
SHIFT, SLOPE = 50, 1.1  # Zipf and Mandelbrot: a word of rank r is (r + SHIFT) ** -SLOPE as likely

_read = tomllib.loads((Path(__file__).parent / "words.toml").read_text())
_ROOTS, _BEFORE, _AFTER, _FOREIGN = (_read[name].split() for name in ("roots", "before", "after", "foreign"))
COMPONENTS: list[str] = _read["components"].split()
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


def candidates(dice: random.Random) -> list[str]:
    """Twice as many words as needed, the common ones first."""
    made = [
        before + root + after
        for root in _ROOTS
        for before in ["", *_BEFORE]
        for after in ["", *_AFTER]
        if before or after
    ]
    dice.shuffle(made)
    spoken = ["".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))) + dice.choice("nrxkm") for _ in range(20_000)]
    codes = [f"err{number}" for number in dice.sample(range(1000, 99_999), 5_000)]
    rare = [word for group in zip(made, made[40_000:], spoken, strict=False) for word in group] + codes
    dice.shuffle(rare)
    return list(dict.fromkeys(_ROOTS + _FOREIGN + rare))


def plain(database: Any, words: list[str], taken: set[str]) -> list[tuple[bytes, bytes]]:
    """(word, stem) of those that PostgreSQL reads as one word, with stems that no fixed text has."""
    found = database.execute(
        "SELECT w, tsvector_to_array(v) FROM (SELECT w, n, to_tsvector('english', w) AS v"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS t (w, n)) s WHERE length(v) = 1 ORDER BY n",
        [words],
    ).fetchall()
    kept = [(w.encode(), stem.encode()) for w, (stem,) in found if not {w, stem} & taken and exact.of(w) == [w]]
    return kept[:WORDS]


def stream(dice: random.Random, vocabulary: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """A long row of windows, of each of which a text takes some words; no two of a window share a stem.

    The n-th word of a window is from the n-th part of the alphabet, all parts being equally likely: PostgreSQL sorts
    the words of each vector, and those that come nearly sorted cost it a third.
    """
    ranked = sorted((word, (rank + SHIFT) ** -SLOPE) for rank, word in enumerate(vocabulary))
    words, limits = [word for word, _ in ranked], list(accumulate(weight for _, weight in ranked))
    part = limits[-1] / WINDOW
    row: list[tuple[bytes, bytes]] = []
    for _ in range(length // WINDOW):
        window: dict[bytes, tuple[bytes, bytes]] = {}
        for place in range(WINDOW):
            word = words[bisect(limits, (place + dice.random()) * part)]
            while word[1] in window:
                word = words[bisect(limits, (place + dice.random()) * part)]
            window[word[1]] = word
        row += window.values()
    return row
