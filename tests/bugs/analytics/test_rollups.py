"""What a bug counts for, and how durations are kept."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs import rollups

NOON = datetime(2026, 5, 1, 12, 7, 30, tzinfo=UTC)
BUG = {
    **dict.fromkeys(rollups.BUG_DIMENSIONS, ""),
    **dict.fromkeys(("triaged_at", "resolved_at", "closed_at", "deleted_at")),
    "created_at": NOON,
}


def bug(**fields):
    return SimpleNamespace(**{**BUG, **fields})


def test_a_new_bug_counts_as_created_in_its_quarter_of_an_hour():
    (fact,) = rollups.facts(bug(severity="high"))

    assert fact.measure == "created" and fact.severity == "high" and fact.period == NOON.replace(minute=0, second=0)


def test_a_deleted_bug_counts_for_nothing():
    assert not rollups.facts(bug(deleted_at=NOON))


def test_an_edit_takes_the_old_fact_back():
    amounts = dict(rollups.difference(rollups.facts(bug(severity="low")), rollups.facts(bug(severity="high"))))

    assert {fact.severity: amount for fact, amount in amounts.items()} == {"low": -1, "high": 1}


def test_what_stays_makes_no_difference():
    assert rollups.difference(rollups.facts(bug()), rollups.facts(bug())) == []


def test_a_bug_that_was_resolved_before_it_was_created_took_no_time():
    resolved = rollups.facts(bug(resolved_at=NOON - timedelta(days=1)))

    assert {fact.bucket for fact in resolved if fact.measure == "resolved"} == {0}


@given(st.integers(2, 10**10))
def test_a_duration_is_read_back_with_a_hundredth_of_error(seconds):
    back = rollups.seconds_of(rollups.bucket_of(timedelta(seconds=seconds)))

    assert back == pytest.approx(seconds, rel=rollups.ERROR * 1.000001)


def test_the_longest_duration_there_is_has_the_last_bucket():
    assert rollups.bucket_of(timedelta.max) <= rollups.MAX_BUCKET


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.95]))
def test_percentiles_are_those_of_the_sorted_list(durations, share):
    counts: dict[int, int] = {}
    for seconds in durations:
        place = rollups.bucket_of(timedelta(seconds=seconds))
        counts[place] = counts.get(place, 0) + 1
    rank = -(-share * len(durations) // 1)

    (found,) = rollups.percentiles(counts, [share])

    assert found == pytest.approx(sorted(durations)[int(rank) - 1], rel=rollups.ERROR * 1.000001)


def test_percentiles_of_nothing_are_nothing():
    assert rollups.percentiles({}, [0.5]) == [None]
