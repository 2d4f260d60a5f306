"""What a page costs as the table and the cursor's depth grow: kept databases of three sizes, one after the other."""

import json
from dataclasses import asdict, dataclass

from bench import questions, servers, wire
from bench.figures import Figure
from bench.scale import SCALES, Scale
from bench.world import World
from bugs import selectors

DEPTHS = (1, 100, 10_000)  # rows before the page
ROUNDS = 3
NOTE = (
    "one project, one connection, medians; `naive`: that page of the smallest table; `limit`: this table's first page"
)


@dataclass(frozen=True, slots=True)
class Cost:
    bugs: int
    depth: int
    ms: float


def measure(world: World, scale: Scale) -> list[Figure]:
    """This database's costs, beside what earlier runs at other sizes left."""
    costs = _measure(world)
    kept = world.directory / "growth.json"
    kept.write_text(json.dumps([asdict(cost) for cost in costs]))
    for name in SCALES:
        other = world.directory.parent / f"bench-{name}" / "growth.json"
        if other != kept and other.exists():
            costs += [Cost(**one) for one in json.loads(other.read_text())]
    return _figures(sorted(costs, key=lambda cost: (cost.depth, cost.bugs)))


def _measure(world: World) -> list[Cost]:
    bugs = selectors.bugs_for(world.principal_of_one).count()
    total = selectors.bugs_for(world.principal).count()
    costs = []
    with servers.web("config.wsgi:application", "config.settings", world.directory / "web.log") as (port, _):
        for depth in DEPTHS:
            if depth > bugs:
                continue
            request = questions.deep(world, port, pages=depth // 200)
            rounds = [wire.busy(port, lambda r=request: r, seconds=1, connections=1) for _ in range(ROUNDS)]
            costs.append(Cost(total, depth, sorted(one.ms(0.5) for one in rounds)[ROUNDS // 2]))
    return costs


def _figures(costs: list[Cost]) -> list[Figure]:
    first = {cost.bugs: cost.ms for cost in costs if cost.depth == DEPTHS[0]}
    figures = []
    for cost in costs:
        smallest = next(one.ms for one in costs if one.depth == cost.depth)
        case = f"{cost.bugs:,} bugs, page after {cost.depth:,} rows"
        figures.append(Figure("growth", case, "p50 ms", cost.ms, smallest, first.get(cost.bugs), NOTE))
    return figures
