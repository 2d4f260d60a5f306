"""Patterns that projects write: whatever they are, they cost a known time."""

from collections.abc import Iterator
from typing import Any

from bugs.privacy.detectors.scanning import Span

MATCH_MAX = 500  # bytes; a longer match is cut


def spans(name: str, pattern: Any, text: bytes) -> Iterator[Span]:
    """Its matches, none over a NUL.

    A pattern like `a.*b|a` would read to the end of the text for each `a`. So it is shown a piece at a time, each with
    as much again behind it as a match may be long.
    """
    at, size = 0, len(text)
    while at < size:
        end = min(at + 2 * MATCH_MAX, size)
        match = pattern.search(text, at, end)
        if match is None:
            at = end if end == size else end - MATCH_MAX
            continue
        start, stop = match.span()
        if stop == end < size:  # it may go on
            match = pattern.search(text, start, min(start + MATCH_MAX, size)) or match
            start, stop = match.span()
        nul = text.find(b"\0", start, stop)
        if nul >= 0:  # it goes on into another text: what the pattern finds in this one alone counts
            match = pattern.search(text, start, nul)
            start, stop = match.span() if match else (nul, nul)
        if start < stop:
            yield Span(-1, start, stop, name)
        at = max(stop, start + 1, at + 1)
