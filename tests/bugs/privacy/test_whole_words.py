"""Names in texts: found without a pattern where letters are plain, as the pattern finds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs.privacy import whole_words

NAMES = st.text("aAbBsSkK -_.@\n+9", max_size=8).filter(whole_words.tells)
TEXTS = st.lists(st.text("aAbBsSkK -_.@\n\t+9é\0", max_size=8), max_size=8).map("".join)


def by_pattern(names: list[str], text: bytes) -> list[whole_words.Place]:
    return [match.span() for match in whole_words._any_of(tuple(names)).finditer(text)]


@given(st.lists(NAMES, min_size=1, max_size=4), TEXTS, st.sampled_from(["", " ", "."]))
def test_what_the_pattern_finds_is_found_without_it(names: list[str], text: str, between: str) -> None:
    read = between.join([text, *names, text, *reversed(names)]).encode()
    assert list(whole_words._plain(names, read.lower())) == by_pattern(names, read)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Jane Doe", "ask jane_doe, JANE.DOE or jane - doe", 3),
        ("Jane Doe", "jane  . doe", 0),  # four letters apart
        ("Jane Doe", "janedoe, jane-does, xjane doe, jane doeé", 0),
        ("Frisk", "friſk and fris\N{KELVIN SIGN}", 2),
        ("Jörg", "JÖRG", 1),
    ],
)
def test_a_name_is_found_as_whole_words_in_any_case(name: str, text: str, found: int) -> None:
    assert len(whole_words.places([name], text.encode())) == found


def test_of_two_names_at_one_place_the_longer_one_is_found() -> None:
    assert whole_words.places(["Jane", "Jane Doe"], b"jane doe and jane") == [(0, 8), (13, 17)]
