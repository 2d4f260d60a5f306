"""`python -m bench.quality.spikes`: false alarms and finds on simulated counts, beside naive tests."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bugs.analysis import spikes
from bugs.analysis.spikes import Baseline

SEED, TESTS, DAY = 1, 4_000, 48  # half hours
STEADY, UNEVEN, WILD = math.inf, 3.0, 0.5  # size of the negative binomial: the smaller, the more uneven
TIMES = (3, 5, 10)


@dataclass(frozen=True, slots=True)
class World:
    """How errors of a group come when nothing is wrong. rhythm: of day and night, 0 for none, 1 for quiet nights."""

    name: str
    mean: float
    size: float
    rhythm: float = 0.0
    periods: int = 336

    def counts(self, dice: random.Random) -> Iterator[int]:
        for place in range(self.periods + TESTS):
            usual = self.mean * (1 + self.rhythm * math.sin(2 * math.pi * place / DAY))
            yield self.count(dice, usual)

    def count(self, dice: random.Random, mean: float) -> int:
        return _poisson(dice, mean if math.isinf(self.size) else dice.gammavariate(self.size, mean / self.size))


@dataclass(frozen=True, slots=True)
class Row:
    """Shares of half hours: alarms where nothing was wrong, by three tests, and finds of so many times the usual."""

    world: World
    false_alarms: float
    poisson: float
    z: float
    found: dict[int, float]


WORLDS = (
    World("steady, few", 2, STEADY),
    World("steady", 20, STEADY),
    World("steady, many", 500, STEADY),
    World("uneven, few", 2, UNEVEN),
    World("uneven", 20, UNEVEN),
    World("uneven, many", 500, UNEVEN),
    World("wild", 20, WILD),
    World("days and nights, steady", 20, STEADY, rhythm=0.8),
    World("days and nights, uneven", 20, UNEVEN, rhythm=0.8),
    World("uneven, half a day known", 20, UNEVEN, periods=24),
    World("wild, half a day known", 20, WILD, periods=24),
)


def measure() -> list[Row]:
    return [_measured(world, random.Random(f"{SEED} {world}")) for world in WORLDS]


def _measured(world: World, dice: random.Random) -> Row:
    """The past moves along, as it does in a server; what is injected is no part of any past."""
    counts, alarms, found = list(world.counts(dice)), [0, 0, 0], dict.fromkeys(TIMES, 0)
    for place in range(world.periods, len(counts)):
        seen = counts[place - world.periods : place]
        past = Baseline(len(seen), sum(seen), sum(count * count for count in seen))
        for test, alarm in enumerate(_alarms(counts[place], past)):
            alarms[test] += alarm
        for times in TIMES:
            found[times] += _is_spike(world.count(dice, times * world.mean), past)
    shares = [alarm / TESTS for alarm in alarms]
    return Row(world, *shares, found={times: number / TESTS for times, number in found.items()})


def _alarms(count: int, past: Baseline) -> tuple[bool, bool, bool]:
    evenly = Baseline(past.periods, past.total, past.total * past.total // past.periods)  # the least squares there are
    return (
        _is_spike(count, past),
        spikes.at_least(count, evenly) < spikes.RARE,
        count - past.mean > 3 * math.sqrt(past.variance),
    )


def _is_spike(count: int, past: Baseline) -> bool:
    verdict = spikes.judge(count, past)
    return verdict is not None and verdict.is_spike


def _poisson(dice: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    count, product, end = 0, dice.random(), math.exp(-mean)
    while product > end:
        count, product = count + 1, product * dice.random()
    return count


def main() -> None:
    names = ["errors", "a half hour", "false alarms", "Poisson p < 1e-4", "z > 3", *(f"finds ×{n}" for n in TIMES)]
    table = Table(*names, title=f"Spikes: {TESTS:,} half hours each")
    for row in measure():
        shares = [f"{share:.2%}" for share in (row.false_alarms, row.poisson, row.z)]
        table.add_row(row.world.name, f"{row.world.mean:g}", *shares, *(f"{row.found[n]:.0%}" for n in TIMES))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
