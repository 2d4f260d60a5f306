"""What placeholders stand for, and what stays of that when someone edits around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs.privacy import placeholders

E, P = "[redacted:email]", "[redacted:phone]"
CLEAN = f"Ask {E} or {E}, or call {P}."
RAW = "Ask ann@example.com or bob@example.com, or call +41 79 123 45 67."


def test_each_placeholder_stands_for_its_own() -> None:
    found = placeholders.pieces(CLEAN, RAW)
    assert found == [(E, "ann@example.com"), (E, "bob@example.com"), (P, "+41 79 123 45 67")]


@pytest.mark.parametrize(
    ("edited", "whole"),
    [
        (CLEAN, RAW),
        (f"Please! {CLEAN} Thanks.", f"Please! {RAW} Thanks."),
        (f"Ask {E} or {E}, or ring {P}.", RAW.replace("call", "ring")),
        (f"Ask {E}, or call {P}.", "Ask ann@example.com, or call +41 79 123 45 67."),
        (f"Ask {E} or call {P}.", "Ask ann@example.com or call +41 79 123 45 67."),
        (f"Ask {E} or {E}, or call.", "Ask ann@example.com or bob@example.com, or call."),
        ("Ask nobody.", "Ask nobody."),
        (f"Nothing of {P} before {E} is {E} certain here", f"Nothing of {P} before {E} is {E} certain here"),
    ],
)
def test_what_is_certain_is_put_back(edited: str, whole: str) -> None:
    assert placeholders.put_back(edited, clean=CLEAN, original=RAW) == whole


def test_a_placeholder_that_someone_wrote_stands_for_nothing() -> None:
    assert placeholders.put_back(f"See {E}", clean="See it", original="See it") == f"See {E}"
    assert placeholders.pieces(f"See {E}", "Hear me") is None


@pytest.mark.parametrize(
    ("limit", "text"), [(4, "Ask "), (10, "Ask "), (20, f"Ask {E}"), (21, f"Ask {E} "), (5_000, CLEAN)]
)
def test_no_placeholder_is_cut_in_two(limit: int, text: str) -> None:
    assert placeholders.fitting(CLEAN, limit) == text


@pytest.mark.parametrize(
    ("query", "quoted"),
    [
        (f"is:open {E}", f'is:open "{E}"'),
        (f'title:"write to {E}" tag.of:{E}', f'title:"write to {E}" tag.of:"{E}"'),
        (f'"a \\" {E}"', f'"a \\" {E}"'),
    ],
)
def test_placeholders_of_a_filter_stand_in_quotes(query: str, quoted: str) -> None:
    assert placeholders.quoted(query) == quoted


TEXTS = st.text("ab ", max_size=4)


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["x@y", "1", "z"])), max_size=5), TEXTS, TEXTS, TEXTS)
def test_words_around_a_text_change_nothing_in_it(parts: list[tuple[str, str]], end: str, head: str, tail: str) -> None:
    clean = "".join(before + E for before, _ in parts) + end
    original = "".join(before + raw for before, raw in parts) + end
    edited = placeholders.put_back(head + clean + tail, clean=clean, original=original)
    assert edited in (head + original + tail, head + clean + tail) or parts


@given(st.text("[redact:email] xy@", max_size=60), st.text("[redact:email] xy@", max_size=60), st.text(max_size=60))
def test_any_texts_will_do(edited: str, clean: str, original: str) -> None:
    assert isinstance(placeholders.put_back(edited, clean=clean, original=original), str)
