"""Names of releases have one order wherever they have any, and nothing that is no version breaks it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs import versions

NUMBER = st.integers(0, 30).map(str)
STAGE = st.sampled_from(["", "-rc.1", "-rc.2", "rc10", "b2", "-alpha", "-alpha.beta", ".dev3", ".post1", "-1", "-x.y"])
BUILD = st.sampled_from(["", "+7", "+12", "+1.2", "+f3a9"])
PACKAGE = st.sampled_from(["", "", "shop@", "com.acme.app@"])
VERSION = st.builds(
    lambda package, numbers, stage, build: package + ".".join(numbers) + stage + build,
    PACKAGE,
    st.lists(NUMBER, min_size=1, max_size=4),
    STAGE,
    BUILD,
)
NAME = VERSION | st.text(max_size=30)


@pytest.mark.parametrize(
    "names",
    [
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0",
        "1.0.dev1 1.0a1 1.0b1 1.0rc1 1.0 1.0.post1 1.1",
        "v1.9 v1.10 v2",
        "shop@1.2.3 shop@1.2.4 shop@1.3",
        "com.acme.app@4.1+99 com.acme.app@4.1+100 com.acme.app@4.2+3",
        "2026-01-31 2026-02-01 2026-02-01.1",
        "20260131 20260201",
        "1.0-SNAPSHOT 1.0-alpha 1.0-RC1 1.0",
    ],
)
def test_the_usual_ways_to_name_releases_have_their_usual_order(names: str) -> None:
    for before, after in pairwise(names.split()):
        assert versions.is_later(after, before) is True, (before, after)
        assert versions.is_later(before, after) is False, (before, after)


@pytest.mark.parametrize(
    ("a", "b"), [("1.0", "1.0.0"), ("v1.2", "1.2"), ("1.0", "1.0"), ("1.0rc1", "1.0-rc.1"), ("word", "word")]
)
def test_two_names_of_one_version_are_neither_later(a: str, b: str) -> None:
    assert versions.is_later(a, b) is False and versions.is_later(b, a) is False


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("shop@1.0", "till@2.0"),  # other programs
        ("f3a9c0d", "0d1e2f3"),  # commits
        ("7f3a9c0", "8f3a9c0"),
        ("7a34567", "8b34567"),
        ("production", "1.0"),
        ("1.0+f3a9", "1.0+0d1e"),  # builds of one version that only commits tell apart
        ("1.0", ""),
        ("1" * 201, "2" * 201),
        ("9" * 100, "1"),
    ],
)
def test_names_that_do_not_say_are_not_compared(a: str, b: str) -> None:
    assert versions.is_later(a, b) is None and versions.is_later(b, a) is None


@given(NAME, NAME)
def test_of_two_names_at_most_one_is_later(a: str, b: str) -> None:
    one, other = versions.is_later(a, b), versions.is_later(b, a)
    assert (one is None) == (other is None)
    assert not (one and other)


@given(NAME, NAME, NAME)
def test_what_is_later_than_the_later_is_later(a: str, b: str, c: str) -> None:
    if versions.is_later(a, b) and versions.is_later(b, c):
        assert versions.is_later(a, c) is True


@given(st.lists(st.builds(".".join, st.lists(NUMBER, min_size=1, max_size=4)), min_size=2, max_size=2))
def test_plain_numbers_are_always_compared(pair: list[str]) -> None:
    assert versions.is_later(*pair) is not None


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")), NAME)
def test_no_name_raises(a: str, b: str) -> None:
    assert versions.is_later(a, b) in (True, False, None)
