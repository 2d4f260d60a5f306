"""A thousand open connections at the promised rate, and far more calls than the machine can answer."""

import math

from bench import client, servers, wire
from bench.figures import Figure
from bench.scale import Scale
from bench.world import World

CONNECTIONS, PER_MINUTE = 1_000, 10_000
TARGET_MS = 50.0
PATIENCE_SECONDS = 10.0  # for the first quick answer after the flood
QUIET_RATE = 20.0
NOTE = "list of 50 with everything on; `limit` is the promise; overload: 1,000 connections that are never idle"


def measure(world: World, scale: Scale) -> list[Figure]:
    request = client.get("/api/v1/bugs/?limit=50", Authorization=f"Bearer {world.key_of_one}")
    with servers.web("config.wsgi:application", "config.settings", world.directory / "web.log") as (port, _):
        wire.at_rate(port, lambda: request, rate=100, seconds=1)
        seconds = max(6.0, scale.seconds * 4)
        steady = wire.at_rate(port, lambda: request, rate=PER_MINUTE / 60, seconds=seconds, connections=CONNECTIONS)
        flood = wire.busy(port, lambda: request, seconds=scale.seconds * 2, connections=CONNECTIONS)
        back = _recovery(port, request)
        after = wire.at_rate(port, lambda: request, rate=QUIET_RATE, seconds=scale.seconds)
    return [*_steady(steady), *_flood(flood, back, after)]


def _steady(found: wire.Answers) -> list[Figure]:
    case = f"{CONNECTIONS:,} open connections, {PER_MINUTE:,} a minute"
    return [
        Figure("crowd", case, "p50 ms", found.ms(0.5), note=NOTE),
        Figure("crowd", case, "p99 ms", found.ms(0.99), None, TARGET_MS),
        Figure("crowd", f"{case}{_others(found)}", "errors", float(found.errors), None, 0.0),
    ]


def _others(found: wire.Answers) -> str:
    """What came instead of a 200, by status; 0 is no answer."""
    others = {status: count for status, count in sorted(found.counts.items()) if status != 200}
    return f" {others}" if others else ""


def _flood(found: wire.Answers, back: float, after: wire.Answers) -> list[Figure]:
    total = sum(found.counts.values())
    other = total - found.counts[200] - found.counts[503]
    return [
        Figure("crowd", "overload", "200s/s", found.counts[200] / found.seconds),
        Figure("crowd", "overload", "503s/s", found.counts[503] / found.seconds),
        Figure("crowd", "overload: share of 200", "%", found.counts[200] / total * 100),
        Figure("crowd", "overload: 200s", "p50 ms", found.ms(0.5)),
        Figure("crowd", "overload: 200s", "p99 ms", found.ms(0.99)),
        Figure("crowd", "overload: neither 200 nor 503", "answers", float(other), None, 0.0),
        Figure("crowd", "overload: 503 without Retry-After", "answers", float(found.without_retry), None, 0.0),
        Figure("crowd", "after overload: until a 200 in 50 ms", "s", back),
        Figure("crowd", "after overload, 20/s", "p95 ms", after.ms(0.95), None, TARGET_MS),
        Figure("crowd", "after overload, 20/s", "errors", float(after.errors), None, 0.0),
    ]


def _recovery(port: int, request: bytes) -> float:
    """Seconds until one call is answered well and quickly."""
    waited = 0.0
    while waited < PATIENCE_SECONDS:
        one = wire.at_rate(port, lambda: request, rate=10, seconds=0.1, connections=1)
        if one.ms(0.5) < TARGET_MS:
            return waited
        waited += max(0.1, one.seconds)
    return math.inf
