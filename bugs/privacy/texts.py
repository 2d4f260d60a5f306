"""Texts, many at once: what detectors find is replaced by placeholders, until they find no more."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

import re2

from bugs.privacy import detectors
from bugs.privacy.detectors.scanning import Scanner, Span
from bugs.privacy.detectors.shapes import compiled
from bugs.privacy.rules import Rules, own

ROUNDS = (
    8  # what is left of a text has other neighbours, so it is looked at again; texts that need three are made for it
)
KEPT_MAX, KEPT_LENGTH = 8_192, 256  # texts known to be clean, of one set of rules: frames repeat
KNOWN_MIN = 3
PLACEHOLDER = re.compile(rb"\[redacted:[a-z0-9_-]{1,40}\]")


def placeholder(kind: str) -> str:
    return f"[redacted:{kind}]"


class Cleaner:
    """One set of rules, made ready, and short texts that it found nothing in."""

    def __init__(self, rules: Rules, *, is_label: bool) -> None:
        kinds = set(detectors.LABEL_KINDS if is_label else detectors.KINDS) - rules.off
        self.clean: set[str] = set()
        self._rules = rules
        self._scanner = Scanner([[shape for shape in gate if shape.kind in kinds] for gate in detectors.GATES])
        self._own = [(name, own(name, pattern)) for name, pattern in rules.patterns]

    def cleaned(self, texts: Sequence[str]) -> list[str]:
        found = list(texts)
        pending = [place for place, text in enumerate(found) if text not in self.clean]
        for _ in range(ROUNDS):
            if not pending:
                break
            changed = self._round([found[place] for place in pending])
            for place in {pending[index] for index in range(len(pending))} - {pending[index] for index in changed}:
                self._keep(found[place])
            for index, text in changed.items():
                found[pending[index]] = text
            pending = [pending[index] for index in changed]
        return found

    def _keep(self, text: str) -> None:
        if len(text) <= KEPT_LENGTH:
            if len(self.clean) >= KEPT_MAX:
                self.clean.clear()
            self.clean.add(text)

    def _round(self, texts: Sequence[str]) -> dict[int, str]:
        """The texts that changed, by their place."""
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
        whole = b"\0".join(parts)
        spans = self._spans(whole)
        if not spans:
            return {}
        starts = [0]
        for part in parts[:-1]:
            starts.append(starts[-1] + len(part) + 1)
        by_text: dict[int, list[Span]] = {}
        for span in spans:
            by_text.setdefault(bisect_right(starts, span.start) - 1, []).append(span)
        return {place: _replaced(whole, starts[place], len(parts[place]), some) for place, some in by_text.items()}

    def _spans(self, whole: bytes) -> list[Span]:
        if b"[redacted:" in whole:
            whole = PLACEHOLDER.sub(lambda match: b"\0" * len(match[0]), whole)
        spans = self._scanner.spans(whole)
        for name, pattern in self._own:
            spans = _with_own(spans, name, pattern, whole)
        if self._rules.allow:
            spans = [span for span in spans if not self._rules.allows(_text(whole[span.start : span.end]))]
        return spans


def _with_own(spans: list[Span], name: str, pattern: "re2._Regexp", whole: bytes) -> list[Span]:
    """What no span has yet."""
    found = list(spans)
    for match in pattern.finditer(whole):
        start, end = match.span()
        if start < end and b"\0" not in whole[start:end]:
            place = bisect_right(found, start, key=lambda span: span.start)
            is_free = (not place or found[place - 1].end <= start) and (
                place == len(found) or end <= found[place].start
            )
            if is_free:
                found.insert(place, Span(-1, start, end, name))
    return found


def _replaced(whole: bytes, start: int, size: int, spans: Iterable[Span]) -> str:
    pieces, at = [], start
    for span in spans:
        pieces += [whole[at : span.start], placeholder(span.kind).encode()]
        at = span.end
    return _text(b"".join([*pieces, whole[at : start + size]]))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogatepass")


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
