"""When bugs come in: growth, weekends, noise, and bursts after a bad release, for each project on its own."""

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

DAY_MS = 86_400_000
DAYS = 730
GROWTH = 2.5  # the last day has so much more than the first
WEEKEND = 0.35
NOISE = 0.35
BURSTS = 1 / 60  # a project has one in so many days
BURST_DAYS = 4
CHUNK = 4_000  # bugs that a worker takes at once, in whole days


@dataclass(frozen=True, slots=True)
class Calendar:
    """For each bug in the order of time: ms since 1970, place of its project, number in the project."""

    created: "array[int]"
    project: "array[int]"
    number: "array[int]"
    starts: list[int]  # of the days, among the bugs

    def chunks(self) -> Iterator[tuple[int, int]]:
        begin = 0
        for start in [*self.starts[1:], len(self.created)]:
            if start - begin >= CHUNK or start == len(self.created):
                if start > begin:
                    yield begin, start
                begin = start

    def counts(self, projects: int) -> list[int]:
        found = [0] * projects
        for place in self.project:
            found[place] += 1
        return found


def make(dice: random.Random, *, bugs: int, shares: list[float], until_ms: int) -> Calendar:
    """Each project has exactly its share of the bugs, its days have theirs."""
    totals = _apportion(shares, bugs)
    per_day = [_apportion(_weights(dice, until_ms), total) for total in totals]
    calendar = Calendar(array("q"), array("B"), array("I"), [])
    numbers = [0] * len(shares)
    for day in range(DAYS):
        calendar.starts.append(len(calendar.created))
        today = [place for place, counts in enumerate(per_day) for _ in range(counts[day])]
        dice.shuffle(today)
        begin = until_ms - (DAYS - day) * DAY_MS
        calendar.created.extend(sorted(begin + int(_hour(dice) * DAY_MS) for _ in today))
        for place in today:
            numbers[place] += 1
            calendar.project.append(place)
            calendar.number.append(numbers[place])
    return calendar


def _weights(dice: random.Random, until_ms: int) -> list[float]:
    burst = [0.0] * (DAYS + BURST_DAYS)
    for day in range(DAYS):
        if dice.random() < BURSTS:
            height = dice.paretovariate(1.3) * 3
            for after in range(BURST_DAYS):
                burst[day + after] += height / 2**after
    weekday = [WEEKEND if (until_ms // DAY_MS - DAYS + day + 4) % 7 in (0, 6) else 1.0 for day in range(DAYS)]
    return [
        (1 + (GROWTH - 1) * day / DAYS) * weekday[day] * (dice.lognormvariate(0, NOISE) + burst[day])
        for day in range(DAYS)
    ]


def _apportion(weights: list[float], total: int) -> list[int]:
    """Whole numbers in proportion, which together are the total."""
    ends = list(accumulate(weights))
    marks = [round(end / ends[-1] * total) for end in ends]
    return [mark - before for mark, before in zip(marks, [0, *marks], strict=False)]


def _hour(dice: random.Random) -> float:
    """A time of day between 0 and 1, mostly in the working hours of two continents."""
    return (dice.triangular(0.2, 0.98, 0.58) if dice.random() < 0.85 else dice.random()) * 0.999_999
