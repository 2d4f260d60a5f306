"""Counting in windows: all or nothing, never more than the limit, a refused call counts nowhere."""

from hypothesis import given
from hypothesis import strategies as st

from apikeys.limits import headers, windows
from apikeys.limits.windows import SECONDS, Bucket, Count, Numbers, Usage

DAY = 86400
numbers = st.tuples(*[st.integers(0, 50)] * 3)
calls = st.lists(st.tuples(st.integers(0, 7200), st.integers(0, 12)), max_size=60)


@given(st.integers(0, DAY), numbers, calls)
def test_no_window_ever_admits_more_than_its_limit(start: int, limits: Numbers, calls: list[tuple[int, int]]) -> None:
    now, count = start, Count()
    admitted: dict[tuple[int, int], int] = {}
    for seconds, cost in calls:
        now += seconds
        after = windows.spent(count.as_of(now), limits, cost)
        if after is None:
            continue
        count = Count(now, after)
        for window, limit in zip(SECONDS, limits, strict=True):
            place = (window, now // window)
            admitted[place] = admitted.get(place, 0) + windows.price(limit, cost)
            assert admitted[place] == after[SECONDS.index(window)]
            assert admitted[place] <= max(limit, 0)


@given(numbers, numbers, st.integers(1, 100))
def test_a_call_is_refused_only_when_a_window_has_no_room(used: Numbers, limits: Numbers, cost: int) -> None:
    refused = windows.spent(used, limits, cost) is None
    assert refused == any(one + min(cost, max(limit, 1)) > limit for one, limit in zip(used, limits, strict=True))


def test_a_call_takes_no_more_than_a_whole_window() -> None:
    assert windows.spent((0, 0, 0), (5, 100, 1000), 20) == (5, 20, 20)


def test_a_limit_of_nothing_admits_nothing() -> None:
    assert windows.spent((0, 0, 0), (0, 100, 1000), 1) is None


def test_what_costs_nothing_is_admitted_when_all_is_used_up() -> None:
    assert windows.spent((9, 9, 9), (5, 5, 5), 0) == (9, 9, 9)


def test_a_new_minute_leaves_the_hour_as_it_was() -> None:
    assert Count(at=119, used=(3, 4, 5)).as_of(120) == (0, 4, 5)


def test_a_new_day_forgets_all() -> None:
    assert Count(at=DAY - 1, used=(3, 4, 5)).as_of(DAY) == (0, 0, 0)


def usage(allowed: bool, used: Numbers, cost: int = 1) -> Usage:
    return Usage(allowed, 3 * DAY + 50, cost, (Bucket("b", (60, 100, windows.UNLIMITED)),), (used,))


def test_the_headers_are_lists_of_strings_with_parameters() -> None:
    assert headers.of(usage(True, (48, 100, 1)).windows()) == {
        "RateLimit-Policy": '"minute";q=60;w=60, "hour";q=100;w=3600',
        "RateLimit": '"minute";r=12;t=10, "hour";r=0;t=3550',
    }


def test_what_was_used_before_a_limit_was_lowered_leaves_nothing() -> None:
    assert headers.of(usage(False, (70, 0, 0)).windows())["RateLimit"].startswith('"minute";r=0;t=10')


def test_one_waits_for_the_last_of_the_windows_without_room() -> None:
    assert windows.retry_after(usage(False, (60, 100, 0)).windows()) == 3550


def test_a_window_with_some_room_is_short_for_a_call_that_costs_more() -> None:
    refused = usage(False, (55, 80, 0), cost=10)
    assert [window.name for window in refused.windows() if window.is_short] == ["minute"]


def test_nothing_is_short_after_a_call_that_was_let_through() -> None:
    assert windows.retry_after(usage(True, (60, 100, 0)).windows()) == 0
