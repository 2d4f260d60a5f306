"""Shapes looked for in many texts at once: one pass finds the lines that may have something, the rest looks at those."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

from bugs.privacy.detectors.shapes import Found, Shape, compiled

LINES_AFTER = 2  # that a cue reaches over: "Regards," and the name below


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """What is to be taken out of a text, in bytes of its UTF-8. rank: of its shape, the first wins."""

    rank: int
    start: int
    end: int
    kind: str


class Scanner:
    """Shapes, made ready. The order of the shapes is their rank."""

    def __init__(self, gates: Sequence[Sequence[Shape]]) -> None:
        ranks = {id(shape): rank for rank, shape in enumerate(shape for gate in gates for shape in gate)}
        self._gates = [
            (
                compiled("|".join(dict.fromkeys(shape.trigger for shape in gate)), is_whole=True),
                [(ranks[id(shape)], shape, compiled(shape.pattern)) for shape in gate],
            )
            for gate in gates
            if gate
        ]

    def spans(self, text: bytes) -> list[Span]:
        """All of them, in order, none over another."""
        found: list[Span] = []
        for trigger, shapes in self._gates:
            if windows := list(_windows(trigger, text)):
                focus = _Focus(text, windows)
                for rank, shape, expression in shapes:
                    found += focus.spans(rank, shape, expression)
        return _apart(found, len(text)) if found else found


class _Focus:
    """The lines that have a trigger, put together, and where each comes from."""

    def __init__(self, text: bytes, windows: list[tuple[int, int]]) -> None:
        self.text = b"\0".join([text[start:end] for start, end in windows])
        self._windows = windows
        self._starts = [0]
        for start, end in windows[:-1]:
            self._starts.append(self._starts[-1] + end - start + 1)

    def spans(self, rank: int, shape: Shape, expression: "re2._Regexp") -> Iterator[Span]:
        text = self.text
        for match in expression.finditer(text):
            start, end = match.span(1) if expression.groups else match.span()
            if start >= end or (start and text[start - 1] in shape.before) or text[end : end + 1] in shape.after:
                continue
            if shape.check is None or shape.check(Found(text, start, end)):
                window = bisect_right(self._starts, start) - 1
                moved = self._windows[window][0] - self._starts[window]
                yield Span(rank, start + moved, end + moved, shape.kind)


def _windows(trigger: "re2._Regexp", text: bytes) -> Iterator[tuple[int, int]]:
    """The lines that have it, each with the two that follow; those that overlap are one."""
    at, size = 0, len(text)
    begun = ended = -1
    while at < size and (match := trigger.search(text, at, size)):
        hit = match.start()
        start = max(text.rfind(b"\n", at, hit), text.rfind(b"\0", at, hit), at - 1) + 1
        line, end = _line_ends(text, match.end())
        if start > ended:
            if begun >= 0:
                yield begun, ended
            begun = start
        ended = max(ended, end)
        at = max(line, hit + 1)
    if begun >= 0:
        yield begun, ended


def _line_ends(text: bytes, at: int) -> tuple[int, int]:
    """Where the line ends, and where the last of those that follow does; none goes past the end of its text."""
    first = end = _until(text, at)
    for _ in range(LINES_AFTER):
        if end >= len(text) or text[end] == 0:
            break
        end = _until(text, end + 1)
    return first, end


def _until(text: bytes, at: int) -> int:
    end = text.find(b"\n", at)
    end = len(text) if end < 0 else end
    nul = text.find(b"\0", at, end)
    return end if nul < 0 else nul


def _apart(spans: list[Span], size: int) -> list[Span]:
    """The first in rank wins where two overlap."""
    taken = bytearray(size)
    kept: list[Span] = []
    for span in sorted(spans):
        if taken.find(1, span.start, span.end) < 0:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)
