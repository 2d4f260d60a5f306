"""The live stream: beside Channels groups, with ever more sockets, on other servers, and when clients or we fail."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.figures import Figure
    from bench.scale import Scale
    from bench.world import World


def measure(world: "World", scale: "Scale") -> "list[Figure]":
    """One page in results. Imports late: the processes of clients load this package, without Django's models."""
    from bench import results
    from bench.streaming import doors, groups, herd, sizes, slow, survival

    parts = (groups, sizes, doors, slow, herd, survival)
    figures: list[Figure] = []
    for part in parts:
        began = time.monotonic()
        figures += part.measure(world, scale)
        print(f"{part.__name__.removeprefix('bench.')}: {time.monotonic() - began:.0f} s", flush=True)
    if scale.name != "tiny":
        results.page("The live stream", figures, scale, results.DIRECTORY / "streaming.md")
    return figures
