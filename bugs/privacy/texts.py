"""Texts, many at once: what detectors find is replaced by placeholders, until they find no more."""

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from functools import lru_cache

from bugs.privacy import detectors, own_patterns, placeholders, whole_words
from bugs.privacy.detectors.folding import folded
from bugs.privacy.detectors.scanning import Scanner, Span, apart
from bugs.privacy.rules import Rules, own

ROUNDS = 8  # what is left of a text has other neighbours, so it is looked at again; few texts need a third
LINES_AROUND = 3
KEPT_MAX, KEPT_LENGTH = 16_384, 256  # texts known to be clean, of one set of rules: frames repeat
_PLACEHOLDER, _BEGIN = re.compile(placeholders.PLACEHOLDER.pattern.encode()), placeholders.BEGIN.encode()
Place = tuple[int, int, str]  # from and to, in letters, and the kind


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

    def changes(self, texts: Sequence[str]) -> dict[str, str]:
        """What becomes of those texts that are not clean; they have no NUL. Most have nothing: one look finds which."""
        first = self._look(texts)
        dirty = [texts[place] for place in first]
        found = zip(dirty, self.places(dirty, list(first.values())), strict=True)
        return {text: replaced(text, places) for text, places in found}

    def _look(self, texts: Sequence[str]) -> dict[int, list[Span]]:
        """What is found in those texts that have something, by their place, in order."""
        text = "\0".join(texts)
        if not text.isascii():
            text = "\0".join([read[0] if (read := folded(one)) else one for one in texts])
        whole = text.encode("utf-8", "surrogatepass")
        by_place: dict[int, list[Span]] = {}
        place = at = 0
        for span in self._found(whole):
            place += whole.count(b"\0", at, span.start)
            at = whole.rfind(b"\0", 0, span.start) + 1
            by_place.setdefault(place, []).append(span.moved(-at))
        return by_place

    def _keep(self, text: str) -> None:
        if len(text) <= KEPT_LENGTH:
            if len(self.clean) >= KEPT_MAX:
                self.clean.clear()
            self.clean.add(text)

    def places(self, texts: Sequence[str], first: Sequence[list[Span]] | None = None) -> list[list[Place]]:
        """Of each text, in order. first: what a look at them has found, where one was taken."""
        as_read = [folded(text) for text in texts]
        parts = [
            (read[0] if read else text).encode("utf-8", "surrogatepass")
            for text, read in zip(texts, as_read, strict=True)
        ]
        spans = self._spans(parts, first)
        return [
            _in_letters(part, read[1] if read else None, some) if some else []
            for part, read, some in zip(parts, as_read, spans, strict=True)
        ]

    def _spans(self, parts: list[bytes], first: Sequence[list[Span]] | None) -> list[list[Span]]:
        """What is found is taken for a boundary, and the lines around it are looked at again."""
        spans: list[list[Span]] = [[] for _ in parts]
        pending = [(place, 0, part) for place, part in enumerate(parts)]
        for count in range(ROUNDS):
            is_known = first is not None and count == 0
            found = dict(enumerate(first or ())) if is_known else self._round([part for _, _, part in pending])
            again = []
            for index, some in found.items():
                place, begun, part = pending[index]
                spans[place] += [span.moved(begun) for span in some]
                start, end = _around(part, some)
                again.append((place, begun + start, _masked(part, some)[start:end]))
            if not (pending := again):
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
        whole = without_placeholders(whole)
        spans = self._scanner.spans(whole)
        if self._own:
            mine = [span for name, pattern in self._own for span in own_patterns.spans(name, pattern, whole)]
            spans = apart(mine + spans, len(whole))
        if self._rules.allow:
            spans = [span for span in spans if not self._rules.allows(_text(whole[span.start : span.end]))]
        return spans


def without_placeholders(text: bytes) -> bytes:
    """With NULs in their place, which nothing matches."""
    if _BEGIN not in text:
        return text
    return _PLACEHOLDER.sub(lambda match: b"\0" * len(match[0]), text)


def _around(part: bytes, spans: list[Span]) -> tuple[int, int]:
    """From two lines before the first to two lines behind the last: as far as cues reach."""
    start, end = spans[0].start, spans[-1].end
    for _ in range(LINES_AROUND):
        start = max(part.rfind(b"\n", 0, start), 0)
        found = part.find(b"\n", end)
        end = len(part) if found < 0 else found + 1
    return (part.rfind(b"\n", 0, start) + 1 if start else 0), end


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
        pieces += [text[at:start], placeholders.of(kind)]
        at = end
    return "".join([*pieces, text[at:]])


@lru_cache(maxsize=32)
def cleaner(rules: Rules, is_label: bool = False) -> Cleaner:
    return Cleaner(rules, is_label=is_label)


def cleaned(texts: Sequence[str], rules: Rules, *, is_label: bool = False) -> list[str]:
    return cleaner(rules, is_label).cleaned(texts)


def nameless(texts: Sequence[str], known: Collection[str], rules: Rules) -> list[str]:
    """Clean, and without the names that the record knows; what is beside a name taken out is looked at again."""
    found = cleaned(texts, rules)
    pending: Sequence[int] = range(len(found)) if known else ()
    for _ in range(ROUNDS):
        after = {place: without(found[place], known, rules) for place in pending}
        again = [place for place, text in after.items() if text != found[place]]
        if not again:
            break
        pending = again
        for place, text in zip(again, cleaned([after[place] for place in again], rules), strict=True):
            found[place] = text
    return found


def without(text: str, known: Collection[str], rules: Rules) -> str:
    """The text without the names that the record knows, as whole words in any case."""
    lowered = text.lower()
    names = sorted(name for name in known if whole_words.tells(name) and whole_words.longest(name) in lowered)
    if not names:
        return text
    whole = text.encode("utf-8", "surrogatepass")
    found = [Span(0, start, end, "name") for start, end in whole_words.places(names, without_placeholders(whole))]
    found = [span for span in found if not rules.allows(_text(whole[span.start : span.end]))]
    return replaced(text, _in_letters(whole, None, found)) if found else text
