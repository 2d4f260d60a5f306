"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations import backoff
from integrations.backoff import Verdict

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.OK), (204, Verdict.OK), (299, Verdict.OK),
        (301, Verdict.RETRY), (302, Verdict.RETRY), (307, Verdict.RETRY),
        (400, Verdict.RETRY), (401, Verdict.RETRY), (404, Verdict.RETRY), (500, Verdict.RETRY),
        (410, Verdict.DISABLE),
        (429, Verdict.THROTTLE), (502, Verdict.THROTTLE), (503, Verdict.THROTTLE), (504, Verdict.THROTTLE),
        (None, Verdict.RETRY),
    ],
)  # fmt: skip
def test_what_an_answer_means(status: int | None, verdict: Verdict) -> None:
    assert backoff.verdict(status) is verdict


SECONDS = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]


def test_the_schedule() -> None:
    assert [wait.total_seconds() for wait in backoff.SCHEDULE] == SECONDS


@pytest.mark.parametrize("attempt", range(1, 10))
def test_waits_stay_within_a_fifth_of_the_schedule(attempt: int) -> None:
    waits = [backoff.wait_after(attempt) for _ in range(200)]
    seconds = [wait.total_seconds() for wait in waits if wait]
    assert len(seconds) == 200 and len(set(seconds)) > 100
    assert min(seconds) >= SECONDS[attempt] * 0.8 and max(seconds) <= SECONDS[attempt] * 1.2


def test_the_tenth_attempt_is_the_last() -> None:
    assert backoff.wait_after(9) is not None
    assert backoff.wait_after(10) is None
    assert backoff.wait_after(10, at_least=timedelta(hours=1)) is None


def test_a_receiver_can_ask_for_more_time_but_not_for_less() -> None:
    assert backoff.wait_after(1, at_least=timedelta(hours=1)) == timedelta(hours=1)
    assert backoff.wait_after(5, at_least=timedelta(seconds=1)) > timedelta(hours=3)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0), ("120", 120), (" 7 ", 7), ("3600", 3600), ("3601", 3600), ("9" * 5_000, 3600),
        ("Thu, 01 Jan 2026 12:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0),
        ("Fri, 02 Jan 2026 12:00:00 GMT", 3600),
        ("", None), (None, None), ("soon", None), ("-5", None), ("1.5", None), ("٣", None),
        ("Thu, 01 Jan 2026 12:01:00", None),
    ],
)  # fmt: skip
def test_retry_after(header: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert backoff.retry_after(header, now=NOW) == expected
