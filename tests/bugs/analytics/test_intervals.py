"""Ranges by the clocks of places where clocks are odd."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs import intervals

NOW = datetime(2026, 11, 24, 2, 7, tzinfo=UTC)


def hours_between(start, end, interval, zone):
    found = intervals.range_of(start, end, interval, ZoneInfo(zone), NOW)
    return [(last - first) / timedelta(hours=1) for first, last in found.pieces]


@pytest.mark.parametrize(
    ("zone", "start", "end", "lengths"),
    [
        ("Europe/Berlin", "2026-03-28", "2026-03-31", [24, 23, 24]),
        ("Europe/Berlin", "2026-10-24", "2026-10-27", [24, 25, 24]),
        ("Asia/Kolkata", "2026-03-28", "2026-03-30", [24, 24]),
        ("Asia/Kathmandu", "2026-03-28", "2026-03-30", [24, 24]),
        ("America/St_Johns", "2026-03-07", "2026-03-09", [24, 23]),
        ("America/St_Johns", "2026-10-31", "2026-11-02", [24, 25]),
        ("Australia/Lord_Howe", "2026-04-04", "2026-04-06", [24, 24.5]),
        ("Australia/Lord_Howe", "2026-10-03", "2026-10-05", [24, 23.5]),
        ("Africa/Cairo", "2026-04-23", "2026-04-25", [24, 23]),  # clocks skip midnight
        ("Pacific/Apia", "2011-12-29", "2012-01-01", [24, 24]),  # 30 December never was
    ],
)
def test_days_begin_at_local_midnight_and_are_as_long_as_they_are(zone, start, end, lengths):
    assert hours_between(start, end, "day", zone) == lengths


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Asia/Kolkata", "18:30"), ("Asia/Kathmandu", "18:15"), ("America/St_Johns", "02:30"), ("Europe/Berlin", "22:00")],
)
def test_a_date_is_midnight_there(zone, offset):
    assert f"{intervals.moment('2026-06-10', 'from', ZoneInfo(zone), NOW):%H:%M}" == offset


def test_the_hour_that_comes_twice_is_two_hours():
    assert hours_between("2026-10-25", "2026-10-26", "hour", "Europe/Berlin") == [1] * 25


def test_the_day_with_a_skipped_hour_has_23():
    assert hours_between("2026-03-29", "2026-03-30", "hour", "Europe/Berlin") == [1] * 23


def test_half_an_hour_of_summer_time_is_a_piece_of_its_own():
    assert hours_between("2026-04-05", "2026-04-06", "hour", "Australia/Lord_Howe").count(0.5) == 1


def test_weeks_begin_on_monday_and_months_on_the_first():
    weeks = intervals.range_of("2026-10-01", "2026-11-01", "week", ZoneInfo("Europe/Berlin"), NOW)
    months = intervals.range_of("2026-01-15", "2026-04-02", "month", ZoneInfo("Europe/Berlin"), NOW)

    assert {edge.astimezone(weeks.zone).weekday() for edge in weeks.edges[1:]} == {0}
    assert [f"{edge.astimezone(months.zone):%d.%m.}" for edge in months.edges] == [
        "15.01.",
        "01.02.",
        "01.03.",
        "01.04.",
    ]


ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)),
    st.integers(1, 60 * 24 * 40),
    st.sampled_from(intervals.INTERVALS),
    st.sampled_from(ZONES),
)
def test_pieces_follow_each_other_and_fill_the_range(first, minutes, interval, zone):
    start = first.replace(tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    found = intervals.range_of(start.isoformat(), end.isoformat(), interval, ZoneInfo(zone), NOW)
    pieces = list(found.pieces)

    assert pieces[0][0] == found.start <= start and pieces[-1][1] == found.end >= end
    assert all(a[1] == b[0] for a, b in pairwise(pieces))
    assert all(first < last for first, last in pieces)
    assert all((edge.minute % 15, edge.second, edge.microsecond) == (0, 0, 0) for edge in found.edges)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "-5y",
        "-999999d",
        "2026-13-01",
        "2026-05-01T12:00:00",
        "0001-01-01",
        "9999-12-31",
        "٢",
        "-99999w",
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(intervals.BadRange) as refused:
        intervals.moment(text, "from", ZoneInfo("UTC"), NOW)
    assert refused.value.name == "from"


def test_one_point_too_many_is_refused_with_the_way_out():
    hours = intervals.range_of("-2000h", "now", "hour", ZoneInfo("UTC"), NOW.replace(minute=0))
    assert len(hours.edges) == intervals.MAX_POINTS
    with pytest.raises(intervals.BadRange, match="longer interval"):
        intervals.range_of("-2001h", "now", "hour", ZoneInfo("UTC"), NOW.replace(minute=0))


def test_a_range_that_ends_before_it_begins_is_refused():
    with pytest.raises(intervals.BadRange):
        intervals.range_of("now", "-1d", "day", ZoneInfo("UTC"), NOW)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "x" * 300, "a\x00b"])
def test_a_zone_that_is_none_is_refused(name):
    with pytest.raises(intervals.BadRange):
        intervals.zone_of(name)
