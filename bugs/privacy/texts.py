"""Texts, many at once: what detectors find is replaced by placeholders, until they find no more."""

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from functools import lru_cache

import re2

from bugs.privacy import detectors
from bugs.privacy.detectors.folding import folded
from bugs.privacy.detectors.scanning import Scanner, Span, apart
from bugs.privacy.detectors.shapes import compiled
from bugs.privacy.rules import Rules, own

ROUNDS = 8  # what is left of a text has other neighbours, so it is looked at again; few texts need a third
KEPT_MAX, KEPT_LENGTH = 16_384, 256  # texts known to be clean, of one set of rules: frames repeat
KNOWN_MIN = 3
PLACEHOLDER = re.compile(rb"\[redacted:[a-z0-9_-]{1,40}\]")
Place = tuple[int, int, str]  # from and to, in letters, and the kind


def placeholder(kind: str) -> str:
    return f"[redacted:{kind}]"


class Cleaner:
    """One set of rules, made ready, and short texts that it found nothing in."""

    def __init__(self, rules: Rules, *, is_label: bool) -> None:
        kinds = set(detectors.LABEL_KINDS if is_label else detectors.KINDS) - rules.off
        self.clean: set[str] = set()
        self._rules = rules
        self._scanner = Scanner(detectors.GATES, kinds)
        self._own = [(name, own(name, pattern)) for name, pattern in rules.patterns]

    def cleaned(self, texts: Sequence[str]) -> list[str]:
        found = list(texts)
        fresh = [place for place, text in enumerate(found) if text not in self.clean]
        if fresh:
            for place, places in zip(fresh, self.places([found[place] for place in fresh]), strict=True):
                if places:
                    found[place] = replaced(found[place], places)
                else:
                    self._keep(found[place])
        return found

    def _keep(self, text: str) -> None:
        if len(text) <= KEPT_LENGTH:
            if len(self.clean) >= KEPT_MAX:
                self.clean.clear()
            self.clean.add(text)

    def places(self, texts: Sequence[str]) -> list[list[Place]]:
        """Of each text, in order."""
        as_read = [folded(text) for text in texts]
        parts = [
            (read[0] if read else text).encode("utf-8", "surrogatepass")
            for text, read in zip(texts, as_read, strict=True)
        ]
        spans = self._spans(parts)
        return [
            _in_letters(part, read[1] if read else None, some) if some else []
            for part, read, some in zip(parts, as_read, spans, strict=True)
        ]

    def _spans(self, parts: list[bytes]) -> list[list[Span]]:
        """What is found is taken for a boundary, and those texts are looked at again."""
        spans: list[list[Span]] = [[] for _ in parts]
        pending = list(range(len(parts)))
        masked = list(parts)
        for _ in range(ROUNDS):
            found = self._round([masked[place] for place in pending])
            for index, some in found.items():
                place = pending[index]
                spans[place] += some
                masked[place] = _masked(masked[place], some)
            pending = [pending[index] for index in found]
            if not pending:
                break
        return [sorted(some, key=lambda span: span.start) for some in spans]

    def _round(self, parts: list[bytes]) -> dict[int, list[Span]]:
        whole = b"\0".join(parts)
        spans = self._found(whole)
        if not spans:
            return {}
        starts = [0]
        for part in parts[:-1]:
            starts.append(starts[-1] + len(part) + 1)
        by_part: dict[int, list[Span]] = {}
        for span in spans:
            place = bisect_right(starts, span.start) - 1
            by_part.setdefault(place, []).append(span.moved(-starts[place]))
        return by_part

    def _found(self, whole: bytes) -> list[Span]:
        if b"[redacted:" in whole:
            whole = PLACEHOLDER.sub(lambda match: b"\0" * len(match[0]), whole)
        spans = self._scanner.spans(whole)
        if self._own:
            found = [
                Span(-1, *match.span(), name)
                for name, pattern in self._own
                for match in pattern.finditer(whole)
                if match.start() < match.end() and b"\0" not in match.group()
            ]
            spans = apart(found + spans, len(whole))
        if self._rules.allow:
            spans = [span for span in spans if not self._rules.allows(_text(whole[span.start : span.end]))]
        return spans


def _masked(part: bytes, spans: list[Span]) -> bytes:
    changed = bytearray(part)
    for span in spans:
        changed[span.start : span.end] = b"\0" * (span.end - span.start)
    return bytes(changed)


def _in_letters(part: bytes, places: list[int] | None, spans: list[Span]) -> list[Place]:
    found, letters, at = [], 0, 0
    for span in spans:
        start = letters + len(_text(part[at : span.start]))
        letters = start + len(_text(part[span.start : span.end]))
        at = span.end
        found.append((places[start], places[letters - 1] + 1, span.kind) if places else (start, letters, span.kind))
    return found


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogatepass")


def replaced(text: str, places: list[Place]) -> str:
    pieces, at = [], 0
    for start, end, kind in places:
        pieces += [text[at:start], placeholder(kind)]
        at = end
    return "".join([*pieces, text[at:]])


@lru_cache(maxsize=32)
def cleaner(rules: Rules, is_label: bool = False) -> Cleaner:
    return Cleaner(rules, is_label=is_label)


def cleaned(texts: Sequence[str], rules: Rules, *, is_label: bool = False) -> list[str]:
    return cleaner(rules, is_label).cleaned(texts)


def without(text: str, known: Collection[str], rules: Rules) -> str:
    """The text without the names that the record knows."""
    needles = [name for name in known if len(name) >= KNOWN_MIN and not rules.allows(name)]
    lowered = text.lower()
    if not any(name.lower() in lowered for name in needles):
        return text
    expression = compiled(f"(?i)\\b(?:{'|'.join(re2.escape(name) for name in needles)})\\b")
    taken: str = expression.sub(lambda match: placeholder("name").encode(), text.encode("utf-8", "surrogatepass"))
    return _text(taken) if isinstance(taken, bytes) else taken
