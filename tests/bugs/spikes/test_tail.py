"""The test itself: exact tails, few false alarms, and what it finds."""

import math
import random

import pytest

from bugs.analysis import spikes
from bugs.analysis.spikes import Baseline


def baseline(counts):
    return Baseline(len(counts), sum(counts), sum(count * count for count in counts))


def drawn(dice, mean, size):
    """Counts as the negative binomial has them: Poisson's, with a mean that is a gamma variate."""
    return poisson(dice, dice.gammavariate(size, mean / size))


def poisson(dice, mean):
    if mean > 50:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    count, product, end = 0, dice.random(), math.exp(-mean)
    while product > end:
        count, product = count + 1, product * dice.random()
    return count


def directly(count, past):
    """One minus the sum of the chances of all lower counts, each by its logarithm."""
    mean, variance = past.mean, past.variance
    size = mean**2 / (variance - mean)
    chances = (
        math.lgamma(k + size)
        - math.lgamma(size)
        - math.lgamma(k + 1)
        + size * math.log(size / (size + mean))
        + k * math.log(mean / (size + mean))
        for k in range(count)
    )
    return 1 - math.fsum(map(math.exp, chances))


@pytest.mark.parametrize(
    "past",
    [
        Baseline(24, 0, 0),
        Baseline(48, 48, 48),
        Baseline(48, 48, 480),
        Baseline(336, 3_360, 67_200),
        Baseline(336, 336, 40_000),
        Baseline(336, 100_000, 40_000_000),
        Baseline(336, 1_000_000, 3_100_000_000),
    ],
    ids=str,
)
def test_the_tail_is_what_a_direct_sum_says(past):
    for count in (1, 2, 5, 17, 100, 1_000, 5_000):
        assert spikes.at_least(count, past) == pytest.approx(directly(count, past), rel=1e-6, abs=1e-9)


def test_the_tail_is_a_falling_chance():
    past = Baseline(336, 1_000, 20_000)
    chances = [spikes.at_least(count, past) for count in range(0, 3_000, 7)]
    assert chances[0] == 1.0
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


@pytest.mark.parametrize("count", [10**6, 10**9, 10**12])
@pytest.mark.parametrize("mean", [0, 1, 1_000, 10**7])
@pytest.mark.parametrize("spread", [1, 1_000, 10**9])
def test_no_count_is_too_much_for_it(count, mean, spread):
    past = Baseline(336, 336 * mean, 336 * (mean**2 + mean * spread))
    assert 0 <= spikes.at_least(count, past) <= 1


def test_its_work_is_bounded(monkeypatch):
    steps = []
    real = spikes._not_zero
    monkeypatch.setattr(spikes, "_not_zero", lambda value: steps.append(1) or real(value))
    spikes.at_least(10**9, Baseline(336, 336 * 10**8, 336 * 10**17))
    assert len(steps) <= 2 * spikes._STEPS


@pytest.mark.parametrize("periods", [24, 336])
@pytest.mark.parametrize(("mean", "size"), [(0.2, 0.3), (2, 0.5), (20, 1), (20, 5), (500, 3)])
def test_at_most_one_in_a_hundred_usual_counts_is_a_false_alarm(periods, mean, size):
    dice = random.Random(f"{periods} {mean} {size}")
    alarms = 0
    for _ in range(300):
        past = baseline([drawn(dice, mean, size) for _ in range(periods)])
        alarms += spikes.judge(drawn(dice, mean, size), past).is_spike
    assert alarms <= 3


@pytest.mark.parametrize(("mean", "least"), [(10, 0.95), (100, 1.0)])
def test_five_times_as_many_as_usual_are_found_where_counts_are_steady(mean, least):
    dice = random.Random(mean)
    found = 0
    for _ in range(200):
        past = baseline([drawn(dice, mean, 50) for _ in range(48)])
        found += spikes.judge(drawn(dice, 5 * mean, 50), past).is_spike
    assert found >= least * 200


def test_a_short_past_says_nothing():
    assert spikes.judge(1_000, Baseline(spikes.PERIODS_MIN - 1, 0, 0)) is None


def test_four_errors_after_silence_are_no_spike_but_five_are():
    quiet = Baseline(48, 0, 0)
    assert [spikes.judge(count, quiet).is_spike for count in (4, 5)] == [False, True]


def test_less_than_twice_as_many_is_no_spike_however_rare():
    steady = baseline([1_000] * 48)
    verdict = spikes.judge(1_900, steady)
    assert verdict.p < spikes.RARE and not verdict.is_spike


def test_who_bursts_all_the_time_does_not_spike():
    bursting = baseline([0, 0, 0, 0, 0, 0, 0, 300] * 42)
    assert not spikes.judge(400, bursting).is_spike


def test_a_spike_is_over_when_counts_are_as_before():
    past = Baseline(48, 480, 5_300)
    assert spikes.is_over(9, 1.0, past)
    assert not spikes.is_over(60, 1.0, past)


def test_half_of_a_period_may_have_half_as_many():
    past = Baseline(48, 480, 5_300)
    assert not spikes.is_over(30, 0.5, past)


def test_what_has_become_usual_is_no_spike_any_more():
    changed = baseline([10] * 300 + [60] * 36)
    assert spikes.is_over(60, 1.0, changed)
