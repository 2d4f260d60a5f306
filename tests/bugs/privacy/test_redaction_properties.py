"""What holds for any text and document: cleaning is done once, undone to the letter, and never slow."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bugs.privacy import detectors, own_patterns, redaction, texts
from bugs.privacy.detectors.scanning import Scanner, Span, apart
from bugs.privacy.detectors.shapes import Found, compiled

PIECES = st.sampled_from(
    [
        *(
            "a@b.co",
            "password",
            "=",
            ":",
            '"',
            "'",
            "/Users/",
            "/home/",
            "jane",
            "1.2.3.4",
            "4111111111111111",
            "@",
            "ü",
        ),
        *("+1 415 555 6035", "Cookie: a=b", "[redacted:email]", "eyJhbGciOi.eyJhbGciOi.x", "AKIA", "A" * 16, "token"),
        *(
            "Jane Doe",
            "<",
            ">",
            "650-555-4646",
            "123-45-6789",
            "call me on",
            "Bearer ",
            "\\",
            "//",
            "?x&",
            "phone",
            "0",
        ),
        *("GB33BUKB20201555555555", "Authorization", "-----BEGIN RSA PRIVATE KEY-----", "12", "-", ".", "::1", "x.co"),
        *("fe80::1:2", "%40", "amFuZS5kb2VAZXhhbXBsZS5jb20=", " ", "\n", "Regards,\n", "\0", "\u200b", "＠", "\ud800"),
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=14).map("".join), st.text())
KEYS = st.one_of(TEXTS, st.sampled_from(["password", "token", "ip", "name", "key", "value", "user", "~/a"]))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
KNOWN = ["Jane Doe", "b.co"]
# Of each, 100 kB: what begins like something and goes on like it, or is it again and again.
HOSTILE = [
    *(
        "@",
        "1",
        "/Users/",
        "/Users/a",
        "/home/a/",
        "a@",
        "a@b.",
        "a@b.co",
        "4111 ",
        "password=",
        "password='",
        "eyJ",
        "eyJa.",
    ),
    *("Bearer ", "AKIA", "-----BEGIN RSA PRIVATE KEY-----", "1.", "1.2.3.4:80 ", "::", "ff:", "://a:", "http://a:b@"),
    *("Cookie: a=b;", "+1", "\u200b", "a\u200b", "call me on 1", "phone\n", "Regards,\nJane\n", "Jane Doe <a@"),
    *(
        "[redacted:email]",
        "\0",
        "A1",
        "QGxl",
        "&sig=aaa",
        "<password>",
        "\\",
        "C:\\Users\\J D\\",
        "AA11 AAAA ",
        "curl ",
        "é",
    ),
]
SIZE = 100_000
SHAPES = [shape for gate in detectors.GATES for shape in gate.shapes]
SCANNER = Scanner(detectors.GATES, detectors.KINDS)
NEGATED = re.compile(r"\[\^(?:\\.|[^\]\\])*\]")


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_clean_of_clean_is_clean(text: str) -> None:
    clean = redaction.text(text, known=KNOWN)
    assert redaction.text(clean, known=KNOWN) == clean


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_places_are_in_order_and_apart(text: str) -> None:
    places = redaction.places(text)
    assert all(start < end for start, end, _ in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
    assert texts.replaced(text, places) == redaction.text(text)


@settings(deadline=None, max_examples=150)
@given(DOCUMENTS)
def test_a_document_comes_back_to_the_letter(document: Any) -> None:
    clean, originals = redaction.document(document, known=KNOWN)
    assert redaction.restored(clean, originals) == document
    assert redaction.document(clean, known=KNOWN) == (clean, {})


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXTS, max_size=6))
def test_texts_do_not_change_each_other(several: list[str]) -> None:
    cleaner = texts.cleaner(redaction.DEFAULT)
    assert cleaner.places(several) == [cleaner.places([one])[0] for one in several]


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_lines_without_a_trigger_have_nothing(text: str) -> None:
    whole = text.encode("utf-8", "surrogatepass")
    assert _places(_spans_of_all(whole)) == _places(SCANNER.spans(whole))


def _places(spans: list[Span]) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans]


def _spans_of_all(whole: bytes) -> list[Span]:
    """Every shape in all of the text, whatever its trigger says."""
    spans = []
    for rank, shape in enumerate(SHAPES):
        for match in compiled(shape.pattern).finditer(whole):
            start, end = match.span(match.lastindex or 0)
            if start >= end or whole[max(start - 1, 0) : start] in _bytes(shape.before):
                continue
            if whole[end : end + 1] in _bytes(shape.after):
                continue
            checked = shape.check is None or shape.check(Found(whole, start, end, match.start()))
            if checked is not False:
                spans.append(Span(rank, *((start, end) if checked is True else checked), shape.kind))
    return apart(spans, len(whole))


def _bytes(beside: frozenset[int]) -> set[bytes]:
    return {bytes((byte,)) for byte in beside}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind)
def test_no_pattern_goes_over_the_end_of_a_text(shape: Any) -> None:
    """Texts are joined by NULs."""
    assert [letters for letters in NEGATED.findall(shape.pattern) if r"\x00" not in letters] == []


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_stay_bounded(piece: str) -> None:
    """It ends in a moment; were anything in it not linear, it would take minutes."""
    text = (piece * (SIZE // len(piece) + 1))[:SIZE]
    assert len(redaction.text(text)) <= 8 * len(text)


def test_a_hostile_pattern_of_a_project_reads_a_text_a_bounded_number_of_times() -> None:
    """`a.*b|a` would read to the end for each `a`."""
    pattern = Counting(compiled("a.*b|a", is_whole=True))
    assert len(list(own_patterns.spans("x", pattern, b"a" * SIZE))) == SIZE
    assert pattern.read <= 2 * own_patterns.MATCH_MAX * SIZE


@pytest.mark.parametrize("place", [0, 400, 700, 999, 1000, 1200, 99_900])
def test_a_match_of_such_a_pattern_is_whole_wherever_it_is(place: int) -> None:
    text = b"-" * place + b"EMP-123456" + b"-" * 50
    found = list(own_patterns.spans("x", compiled(r"EMP-\d+", is_whole=True), text))
    assert [(span.start, span.end) for span in found] == [(place, place + 10)]


class Counting:
    """A pattern, and how many bytes it was shown."""

    def __init__(self, pattern: Any) -> None:
        self.read, self._pattern = 0, pattern

    def search(self, text: bytes, start: int, end: int) -> Any:
        self.read += end - start
        return self._pattern.search(text, start, end)
