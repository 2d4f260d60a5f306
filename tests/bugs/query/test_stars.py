"""Stars in memory: what a regular expression would find, in a time that no text and no filter makes long."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bugs.query import memory

TEXTS = st.text("ab\n", max_size=8)


@given(TEXTS, st.lists(TEXTS.map(lambda text: text[:3]), min_size=2, max_size=6))
def test_parts_are_found_where_a_regular_expression_finds_them(text: str, parts: list[str]) -> None:
    wanted = re.fullmatch(".*".join(map(re.escape, parts)), text, re.DOTALL)
    assert memory._like(text, parts) == (wanted is not None)


def test_many_stars_over_a_long_text_end() -> None:
    assert not memory._like("a" * 5_000, ["a", "a", "a", "a", "a", "b"])
    assert memory._like("a" * 5_000 + "b", ["a", "a", "a", "a", "a", "b"])
