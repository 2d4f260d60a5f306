"""Facts in memory: all since a fence, or None when some are no longer there."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streaming.fanout.ring import Ring


def fact(number: int, xid: int) -> dict[str, Any]:
    return {"id": str(number), "xid": xid, "seq": number}


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(0, 45), st.integers(1, 20))
def test_it_has_all_or_says_so(xids: list[int], fence: int, size: int) -> None:
    """Facts come in any order of their transactions, as they do from concurrent writers."""
    ring = Ring(0, size=size)
    for number, xid in enumerate(xids):
        ring.add(fact(number, xid))
    found = ring.since(fence)
    wanted = sorted((xid, number) for number, xid in enumerate(xids) if xid >= fence)
    assert found is None or [(one["xid"], one["seq"]) for one in found] == wanted
    if len(xids) <= size:
        assert found is not None


def test_before_its_beginning_it_knows_nothing() -> None:
    ring = Ring(10, [fact(1, 12)])
    assert ring.since(9) is None
    assert ring.since(10) == [fact(1, 12)]


def test_a_fact_that_comes_twice_is_there_once() -> None:
    assert Ring(0, [fact(1, 5), fact(1, 5)]).since(0) == [fact(1, 5)]


def test_what_nobody_keeps_is_not_in_it() -> None:
    assert Ring(0, [{"id": None}]).since(0) == []


def test_below_what_was_overrun_it_knows_nothing_and_above_it_all() -> None:
    ring = Ring(0, [fact(1, 5), fact(2, 12)])
    ring.forget(10)
    assert ring.since(9) is None
    assert ring.since(10) == [fact(2, 12)]
