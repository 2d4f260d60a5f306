"""How fast the kept database was filled, as written down when it was."""

import json
from collections.abc import Mapping
from pathlib import Path

from bench.figures import Figure
from bench.scale import Scale
from bench.world import World

PROMISED = {"bugs": 50_000.0, "error reports": 20_000.0}  # rows/s
NOTE = "COPY in two processes; steps in the order they were taken; `limit` is the promise"


def keep(directory: Path, seconds: Mapping[str, float]) -> None:
    (directory / "filling.json").write_text(json.dumps(dict(seconds)))


def measure(world: World, scale: Scale) -> list[Figure]:
    kept = world.directory / "filling.json"
    if not kept.exists():
        return []
    seconds: dict[str, float] = json.loads(kept.read_text())
    rates = {"bugs": scale.bugs / seconds["bugs_bug"], "error reports": scale.reports / seconds["bugs_errorreport"]}
    figures = [Figure("filling", name, "rows/s", rate, None, PROMISED[name], NOTE) for name, rate in rates.items()]
    figures += [Figure("filling", step, "s", taken) for step, taken in seconds.items()]
    return [*figures, Figure("filling", "all of it", "s", sum(seconds.values()))]
