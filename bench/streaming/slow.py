"""Clients that stop to read: what the others notice, what they cost, and how they are let go."""

import time
from collections import Counter

from django.db import connection

from bench import servers
from bench.figures import Figure, percentile
from bench.scale import Scale
from bench.streaming import changes, crowd, load
from bench.streaming.changes import Changes
from bench.streaming.client import Subscription
from bench.streaming.crowd import Crowd
from bench.world import World
from config import programs

STALLED, READING = 200, 300
TINY = (10, 20)
PER_SECOND, SLICE = 25.0, 50  # changes; of one look at the memory
LONGEST_SECONDS = 60.0
TOO_SLOW = 4113
P99_MS = 60.0  # promised for 500 sockets
STALLS: Subscription = {**load.ALL, "format": "detailed"}  # more bytes, so less time until they have fallen behind
_CLOSED = "SELECT status, sum(count) FROM audit_accessrecord WHERE operation = 'stream_close' AND id > %s GROUP BY 1"
_LAST = "SELECT id FROM audit_accessrecord ORDER BY id DESC LIMIT 1"
NOTE = (
    "slow: some of 500 sockets never read, 25 changes/s until all of these are closed; memory: growth while they wait"
)


def measure(world: World, scale: Scale) -> list[Figure]:
    stalled, reading = TINY if scale.name == "tiny" else (STALLED, READING)
    with (
        load.serving(programs.stream_command, world.directory / "stream.log") as (port, pid),
        crowd.of([f"{servers.HOST}:{port}"], world.key_of_one) as slow,
        crowd.of([f"{servers.HOST}:{port}"], world.key_of_one) as quick,
    ):
        slow.open([STALLS] * stalled)
        quick.open(load.subscriptions(reading))
        return _until_closed(pid, slow, quick, stalled, Changes(world.principal_of_one))


def _until_closed(pid: int, slow: Crowd, quick: Crowd, stalled: int, moved: Changes) -> list[Figure]:
    last = _ask(_LAST)[0][0]
    time.sleep(load.SETTLE_SECONDS)
    held = load.memory_kib(pid)
    most, began = held, time.monotonic()
    slow.stall(stalled)
    while sum((closed := _closed(last)).values()) < stalled and time.monotonic() - began < LONGEST_SECONDS:
        changes.paced(moved.make, SLICE, PER_SECOND)
        most = max(most, load.memory_kib(pid))
    took = time.monotonic() - began
    reading = quick.state().ready
    quick.wait_for(len(moved.committed) * reading)
    heard = quick.compare(moved.commits())
    delays = list(heard.delays)
    return [
        _line("p50 ms of those that read", percentile(delays, 0.5) * 1000),
        _line("p99 ms of those that read", percentile(delays, 0.99) * 1000, P99_MS),
        _line("lost by those that read", heard.missing, 0.0),
        _line("KiB held for each that stalled", (most - held) / stalled),
        _line(f"closed with {TOO_SLOW}", closed[TOO_SLOW], stalled),
        _line("closed in another way", sum(closed.values()) - closed[TOO_SLOW], 0.0),
        _line("s until all of them were closed", took),
    ]


def _line(unit: str, value: float, limit: float | None = None) -> Figure:
    return Figure("streaming", "stalled clients", unit, float(value), None, limit, NOTE)


def _closed(last: object) -> Counter[int]:
    """How the server ended sockets since then."""
    return Counter({int(status): int(count) for status, count in _ask(_CLOSED, [last])})


def _ask(query: str, values: list[object] | None = None) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or [])
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found
