"""Shapes looked for in many texts at once: a pass finds the lines that may have something, the rest looks at those."""

from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bugs.privacy.detectors.shapes import Found, Gate, Shape, compiled, which_of

SHORT = 50_000  # bytes; in a longer text every trigger is somewhere
NEAR = 256  # bytes in which most lines end
BETWEEN = b"\n\0\n"  # lines that are put together: each begins and ends as a line, and no match goes on to the next
Entry = tuple[int, Shape, Any]  # rank, and the pattern made ready


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
        ranks = iter(range(sum(len(gate.shapes) for gate in gates)))
        ranked = [(gate, [(next(ranks), shape) for shape in gate.shapes]) for gate in gates]
        chosen = [(gate, [entry for entry in shapes if entry[1].kind in kinds]) for gate, shapes in ranked]
        self._gates = [_Ready(gate.lines, shapes) for gate, shapes in chosen if shapes]

    def spans(self, text: bytes) -> list[Span]:
        """All of them, in order, none over another."""
        found: list[Span] = []
        for gate in self._gates:
            if windows := list(_windows(gate.trigger, text, gate.lines)):
                focus = _Focus(text, windows)
                for rank, shape, expression in gate.likely(focus.text):
                    found += focus.spans(rank, shape, expression)
        return apart(found, len(text)) if found else found


class _Ready:
    """Of a gate: its triggers in one pattern and, for short texts, which of them are there."""

    def __init__(self, lines: int, shapes: Sequence[tuple[int, Shape]]) -> None:
        self.lines = lines
        self._shapes = [(rank, shape, compiled(shape.pattern)) for rank, shape in shapes]
        by_trigger: dict[str, list[Entry]] = {}
        for entry in self._shapes:
            by_trigger.setdefault(entry[1].trigger, []).append(entry)
        self.trigger = compiled("|".join(by_trigger), is_whole=True)
        self._by_trigger = list(by_trigger.values())
        self._which = which_of(list(by_trigger))

    def likely(self, text: bytes) -> list[Entry]:
        """Shapes that have their trigger in the text."""
        if len(text) > SHORT or len(self._by_trigger) == 1:
            return self._shapes
        return [entry for place in self._which.Match(text) or () for entry in self._by_trigger[place]]


class _Focus:
    """The lines that have a trigger, put together, and where each comes from."""

    def __init__(self, text: bytes, windows: list[tuple[int, int]]) -> None:
        self.text = BETWEEN.join([text[start:end] for start, end in windows])
        self._windows = windows
        self._starts = [0]
        for start, end in windows[:-1]:
            self._starts.append(self._starts[-1] + end - start + len(BETWEEN))

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
            begun, ended = self._windows[window]
            moved = begun - self._starts[window]
            if start + moved < ended:  # a line's end that is ours is in no text
                yield Span(rank, start + moved, min(end + moved, ended), shape.kind)


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
    """The end of the line or of the text, whichever comes first: most are near, and of the rest little is seen."""
    step = NEAR
    while at < len(text):
        found = text.find(b"\0", at, at + step)
        line = text.find(b"\n", at, at + step if found < 0 else found)
        if line >= 0 or found >= 0:
            return line if line >= 0 else found
        at, step = at + step, step * 4
    return len(text)


def apart(spans: list[Span], size: int) -> list[Span]:
    """The first in rank wins where two overlap."""
    taken = bytearray(size)
    kept: list[Span] = []
    for span in sorted(spans):
        if taken.find(1, span.start, span.end) < 0:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)
