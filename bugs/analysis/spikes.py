"""Whether errors come more often than chance explains: negative binomial counts against a group's own past. Pure.

Counts of errors vary more than Poisson's law allows: one failing host sends many. The negative binomial has a second
parameter for that, and takes both from the past by their moments.
"""

import math
from dataclasses import dataclass

RARE = 1e-4  # the chance of so many errors or more, below which they are a spike
LEAST, FACTOR = 5, 2.0  # fewer errors, or less than so many times the usual, are none
USUAL = 0.01  # a chance from which on a spike is over
PERIODS_MIN = 24  # of the past; with fewer there is nothing to compare with
_POISSON = 1e-3  # the least by which the variance exceeds the mean, relative: next to Poisson's law
_STEPS, _PRECISION, _TINY = 10_000, 1e-12, 1e-300


@dataclass(frozen=True, slots=True)
class Baseline:
    """The past of a group: in so many periods so many errors, and the sum of the squares of their counts."""

    periods: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        """Half an error more than there was, so that a quiet past does not make one error impossible."""
        return (self.total + 0.5) / self.periods

    @property
    def variance(self) -> float:
        """Of the next count: of the counts, and of their mean, which is only known so well."""
        seen = (self.squares - self.total**2 / self.periods) / (self.periods - 1)
        return max(seen, self.mean * (1 + _POISSON)) * (1 + 1 / self.periods)


@dataclass(frozen=True, slots=True)
class Verdict:
    """p: the chance of at least so many errors."""

    observed: int
    expected: float
    p: float
    is_spike: bool


def judge(observed: int, past: Baseline) -> Verdict | None:
    """What to think of the errors of the last period; None when the past is too short."""
    if past.periods < PERIODS_MIN:
        return None
    p = at_least(observed, past)
    is_spike = p < RARE and observed >= max(LEAST, FACTOR * past.mean)
    return Verdict(observed, past.mean, p, is_spike)


def is_over(observed: int, share: float, past: Baseline) -> bool:
    """Whether a spike has ended; share: how much of a period the errors come from, since a part has fewer of them."""
    rate = round(observed / share)
    return rate < max(LEAST / FACTOR, past.mean) or at_least(rate, past) >= USUAL


def at_least(count: int, past: Baseline) -> float:
    """The chance of that many errors or more in one period."""
    if count <= 0:
        return 1.0
    mean, variance = past.mean, past.variance
    size = mean * mean / (variance - mean)
    return _beta(count, size, mean / (size + mean), size / (size + mean))


def _beta(a: float, b: float, x: float, rest: float) -> float:
    """The regularized incomplete beta function at x = 1 - rest."""
    if x > (a + 1) / (a + b + 2):  # where the fraction would be slow
        return 1 - _beta(b, a, rest, x)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    return min(math.exp(front) / a * _fraction(a, b, x), 1.0)


def _fraction(a: float, b: float, x: float) -> float:
    """Its continued fraction, by Lentz's method; its cost grows as the root of a and b."""
    value = below = 1.0
    above = math.inf
    for step in range(1, _STEPS):
        half = step // 2
        top = -(a + half) * (a + b + half) if step % 2 else half * (b - half)
        term = top * x / ((a + step - 1) * (a + step))
        below = 1 / _not_zero(1 + term * below)
        above = _not_zero(1 + term / above)
        value *= below * above
        if abs(below * above - 1) < _PRECISION:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
