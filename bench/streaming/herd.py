"""All sockets are cut at the same moment and come back as the documented client does, with what they missed."""

import time

from bench import servers
from bench.figures import Figure
from bench.scale import Scale
from bench.streaming import changes, crowd, load
from bench.streaming.changes import Changes
from bench.streaming.crowd import Crowd
from bench.world import World
from config import programs

SOCKETS = 5_000
MEANWHILE, PER_SECOND = 10, 4.0  # changes, the first when nobody is there
LOOK, LONGEST_SECONDS = 0.1, 120.0
BACK_SECONDS = 30.0  # promised
NOTE = (
    "herd: all sockets are cut at once; each comes back after a random part of 0.5 s, 1 s, 2 s … with its token, "
    "while 10 changes are made; refused: answered 503, tried again"
)


def measure(world: World, scale: Scale) -> list[Figure]:
    size = min(SOCKETS, scale.sockets)
    with (
        load.serving(programs.stream_command, world.directory / "stream.log") as (port, pid),
        crowd.of([f"{servers.HOST}:{port}"], world.key_of_one) as clients,
    ):
        clients.open(load.subscriptions(size))
        time.sleep(load.SETTLE_SECONDS)
        return _cut(pid, clients, size, Changes(world.principal_of_one))


def _cut(pid: int, clients: Crowd, size: int, moved: Changes) -> list[Figure]:
    clients.come_back()
    clients.forget()
    used = servers.cpu_seconds(pid)
    clients.cut()
    began = time.monotonic()
    changes.paced(moved.make, MEANWHILE, PER_SECOND)
    while clients.state().ready < size and time.monotonic() - began < LONGEST_SECONDS:
        time.sleep(LOOK)
    back, used = time.monotonic() - began, servers.cpu_seconds(pid) - used
    clients.wait_for(MEANWHILE * size)
    heard, told = clients.compare(moved.commits()), clients.state()
    silent, busy = told.refused["TimeoutError"], told.refused["503"]
    lines = [
        ("s until all are back", back, BACK_SECONDS),
        ("not back", size - told.ready, 0.0),
        ("lost", heard.missing, 0.0),
        ("twice", heard.twice, None),
        ("gaps", told.gaps, 0.0),
        ("refused with 503", busy, None),
        ("without answer in 15 s", silent, 0.0),
        ("failed in another way", sum(told.refused.values()) - busy - silent, 0.0),
        ("stream CPU s", used, None),
    ]
    case = f"{size:,} come back at once"
    return [Figure("streaming", case, unit, float(value), None, limit, NOTE) for unit, value, limit in lines]
