"""Error reports from SDKs: rates beside Bugsink, what an event takes, a burst, and memory. One page in results."""

from bench import peer, results
from bench.figures import Figure
from bench.ingest import burst, events, memory, rates, storage
from bench.scale import FULL, Scale
from bench.world import World

PAGE = results.DIRECTORY / "ingest.md"


def measure(world: World, scale: Scale) -> list[Figure]:
    if not peer.is_here():
        print(peer.HOW, flush=True)
    figures = [Figure("ingest", "made beforehand", "events", float(scale.events), note=events.of(scale).sizes())]
    for part in (rates, storage, burst, memory):
        figures += part.measure(world, scale)
    if scale.events == FULL:
        results.page("Errors come in", figures, scale, PAGE)
    return figures
