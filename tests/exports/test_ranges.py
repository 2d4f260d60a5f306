"""One range of RFC 9110, or the whole file."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import ranges
from exports.ranges import Part


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-0", Part(0, 0)),
        ("bytes=5-", Part(5, 9)),
        ("bytes=-3", Part(7, 9)),
        ("bytes=-30", Part(0, 9)),
        ("bytes=2-99", Part(2, 9)),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-1", None),
        ("bytes=٣-", None),
    ],
)
def test_what_is_asked(header, part):
    assert ranges.asked(header, 10) == part


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-11", "bytes=-0"])
def test_outside_of_the_file(header):
    with pytest.raises(ranges.Unsatisfiable):
        ranges.asked(header, 10)


def test_nothing_of_an_empty_file():
    with pytest.raises(ranges.Unsatisfiable):
        ranges.asked("bytes=0-", 0)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_part_is_a_slice(content, data):
    first = data.draw(st.integers(0, len(content) - 1))
    last = data.draw(st.integers(first, len(content) + 5))
    part = ranges.asked(f"bytes={first}-{last}", len(content))
    assert b"".join(ranges.blocks(io.BytesIO(content), part)) == content[first : last + 1]
