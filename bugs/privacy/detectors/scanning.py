"""Shapes looked for in many texts at once: a pass finds the lines that may have something, the rest looks at those."""

from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bugs.privacy.detectors.shapes import Found, Gate, Shape, compiled


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """What is to be taken out of a text, in bytes of its UTF-8. rank: of its shape, the first wins."""

    rank: int
    start: int
    end: int
    kind: str

    def moved(self, by: int) -> "Span":
        return Span(self.rank, self.start + by, self.end + by, self.kind)


class Scanner:
    """The shapes of some kinds, made ready. Their order is their rank."""

    def __init__(self, gates: Sequence[Gate], kinds: Container[str]) -> None:
        self._gates: list[tuple[Any, int, list[tuple[int, Shape, Any]]]] = []
        rank = 0
        for gate in gates:
            shapes = [(rank + place, shape, compiled(shape.pattern)) for place, shape in enumerate(gate.shapes)]
            rank += len(shapes)
            if chosen := [entry for entry in shapes if entry[1].kind in kinds]:
                triggers = dict.fromkeys(shape.trigger for _, shape, _ in chosen)
                self._gates.append((compiled("|".join(triggers), is_whole=True), gate.lines, chosen))

    def spans(self, text: bytes) -> list[Span]:
        """All of them, in order, none over another."""
        found: list[Span] = []
        for trigger, lines, shapes in self._gates:
            if windows := list(_windows(trigger, text, lines)):
                focus = _Focus(text, windows)
                for rank, shape, expression in shapes:
                    found += focus.spans(rank, shape, expression)
        return apart(found, len(text)) if found else found


class _Focus:
    """The lines that have a trigger, put together, and where each comes from."""

    def __init__(self, text: bytes, windows: list[tuple[int, int]]) -> None:
        self.text = b"\0".join([text[start:end] for start, end in windows])
        self._windows = windows
        self._starts = [0]
        for start, end in windows[:-1]:
            self._starts.append(self._starts[-1] + end - start + 1)

    def spans(self, rank: int, shape: Shape, expression: Any) -> Iterator[Span]:
        text = self.text
        for match in expression.finditer(text):
            start, end = match.span(match.lastindex or 0)
            if start >= end or (start and text[start - 1] in shape.before):
                continue
            if end < len(text) and text[end] in shape.after:
                continue
            if shape.check is not None:
                checked = shape.check(Found(text, start, end, match.start()))
                if checked is False:
                    continue
                if checked is not True:
                    start, end = checked
            window = bisect_right(self._starts, start) - 1
            moved = self._windows[window][0] - self._starts[window]
            yield Span(rank, start + moved, end + moved, shape.kind)


def _windows(trigger: Any, text: bytes, lines: int) -> Iterator[tuple[int, int]]:
    """The lines that have it, each with those that follow; those that overlap are one."""
    at, size = 0, len(text)
    begun = ended = -1
    while at < size and (match := trigger.search(text, at, size)):
        hit = match.start()
        start = max(text.rfind(b"\n", at, hit), text.rfind(b"\0", at, hit), at - 1) + 1
        line, end = _line_ends(text, match.end(), lines)
        if start > ended:
            if begun >= 0:
                yield begun, ended
            begun = start
        ended = max(ended, end)
        at = max(line, hit + 1)
    if begun >= 0:
        yield begun, ended


def _line_ends(text: bytes, at: int, lines: int) -> tuple[int, int]:
    """Where the line ends, and where the last of those that follow does; none goes past the end of its text."""
    first = end = _until(text, at)
    for _ in range(lines):
        if end >= len(text) or text[end] == 0:
            break
        end = _until(text, end + 1)
    return first, end


def _until(text: bytes, at: int) -> int:
    end = text.find(b"\n", at)
    end = len(text) if end < 0 else end
    nul = text.find(b"\0", at, end)
    return end if nul < 0 else nul


def apart(spans: list[Span], size: int) -> list[Span]:
    """The first in rank wins where two overlap."""
    taken = bytearray(size)
    kept: list[Span] = []
    for span in sorted(spans):
        if taken.find(1, span.start, span.end) < 0:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)
