"""What a web process and a digest process hold after ever more events."""

from pathlib import Path

from bench import servers, wire
from bench.doors import Supply
from bench.figures import Figure
from bench.ingest import events
from bench.ingest.ours import Bugwire
from bench.ingest.rates import KEYS, PATIENCE, drain
from bench.scale import Scale
from bench.world import World

WARM, STEPS = 0.1, 3  # of the events; measurements after that
FLAT = 0.05  # of what they held when warm, at most more at the end
NOTE = (
    "memory: resident, the largest of the web processes and of the digest processes; all events are digested meanwhile"
)


def measure(world: World, scale: Scale) -> list[Figure]:
    """Twice as many events as there are: through two projects."""
    corpus = events.of(scale)
    ours = Bugwire(world.directory, KEYS[:2])
    ours.forget()
    supply, total = Supply(ours.doors, corpus.bodies), 2 * len(corpus.bodies)
    before = ours.visible()
    held: list[tuple[int, float, float]] = []
    with ours.accepting() as (port, web), ours.digesting() as behind:
        digests = [pid for name, pid in behind.items() if name.startswith("digest")]
        accepted = 0
        for share in (WARM, *(WARM + (1 - WARM) * step / STEPS for step in range(1, STEPS + 1))):
            count = round(total * share) - accepted
            accepted += wire.busy(port, supply, seconds=PATIENCE, count=count).counts[200]
            drain(ours, before + accepted)
            held.append((accepted, _largest([web]), _largest(digests)))
    ours.forget()
    return _figures(held)


def _figures(held: list[tuple[int, float, float]]) -> list[Figure]:
    figures = []
    for place, kind in ((1, "web process"), (2, "digest process")):
        warm = held[0][place]
        for measured in held:
            limit = warm * (1 + FLAT) if measured is held[-1] and kind == "web process" else None
            case = f"memory of a {kind} after {measured[0]:,} events"
            figures.append(Figure("ingest", case, "MB", measured[place], None, limit, NOTE))
    return figures


def _largest(pids: list[int]) -> float:
    """Of processes and those below them, in MB."""
    return max((_resident(one) for pid in pids for one in [pid, *servers.workers(pid)]), default=0.0)


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
