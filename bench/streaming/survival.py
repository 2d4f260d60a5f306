"""One of two stream processes is killed while events come: its clients go on at the other, and nobody misses any."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Timer

from bench import servers
from bench.figures import Figure
from bench.scale import Scale
from bench.streaming import changes, crowd, load
from bench.streaming.changes import Changes
from bench.streaming.load import Paced
from bench.world import World
from config import programs

CLIENTS, PACE = 500, Paced(1_000, 30.0)
TINY, TINY_PACE = 40, Paced(60, 20.0)
PATIENCE_SECONDS = 20.0
LOOK = 0.5
NOTE = (
    "survival: two stream processes, one is killed (SIGKILL) in the middle of the changes; its clients connect to the "
    "other with their tokens and drop what they have by event_id"
)


@dataclass(frozen=True, slots=True)
class Survived:
    """missing: events that a client never got, over all. twice: that it dropped. back: clients after the kill."""

    events: int
    missing: int
    twice: int
    gaps: int
    cut: int
    back: int
    failed: int


def survive(
    addresses: Sequence[str], key: str, moved: Changes, kill: Callable[[], None], *, clients: int, pace: Paced
) -> Survived:
    """So many clients over all addresses and so many changes; `kill` ends the first process when half are made."""
    with crowd.of(addresses, key) as them:
        them.open(load.subscriptions(clients), spread=len(addresses))
        them.come_back()
        moved.forget()
        killing = Timer(pace.count / pace.per_second / 2, kill)
        killing.start()
        changes.paced(moved.make, pace.count, pace.per_second)
        killing.join()
        commits = moved.commits()
        them.wait_for(pace.count * clients)
        limit = time.monotonic() + PATIENCE_SECONDS
        while (heard := them.compare(commits)).missing and time.monotonic() < limit:
            time.sleep(LOOK)
        told = them.state()
    return Survived(
        events=len(commits),
        missing=heard.missing,
        twice=heard.twice,
        gaps=told.gaps,
        cut=told.cut,
        back=told.ready,
        failed=sum(told.refused.values()),
    )


def measure(world: World, scale: Scale) -> list[Figure]:
    clients, pace = (TINY, TINY_PACE) if scale.name == "tiny" else (CLIENTS, PACE)
    log = world.directory / "stream.log"
    with (
        load.serving(programs.stream_command, log) as (port, pid),
        load.serving(programs.stream_command, log) as (other, _),
    ):
        found = survive(
            [f"{servers.HOST}:{port}", f"{servers.HOST}:{other}"],
            world.key_of_one,
            Changes(world.principal_of_one),
            lambda: os.kill(pid, signal.SIGKILL),
            clients=clients,
            pace=pace,
        )
    lines = [
        ("lost", found.missing, 0.0),
        ("gaps", found.gaps, 0.0),
        ("twice, dropped", found.twice, None),
        ("clients cut off", found.cut, None),
        ("not back", clients - found.back, 0.0),
    ]
    case = f"{clients} clients, {found.events:,} events, kill -9 of one of two processes"
    return [Figure("streaming", case, unit, float(value), None, limit, NOTE) for unit, value, limit in lines]
