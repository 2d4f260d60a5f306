"""Error reports from SDKs; beside one INSERT of jsonb for each; beside COPY of the same documents."""

import itertools
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg

from bench import client, seed, servers
from bench.figures import Figure, in_turn
from bench.scale import Scale
from bench.world import World

KINDS = 20  # different problems


def measure(world: World, scale: Scale) -> list[Figure]:
    with (
        servers.web("config.wsgi:application", "config.settings", world.directory / "web.log") as (port, pid),
        psycopg.connect(seed.dsn(), autocommit=True) as database,
    ):
        database.execute("CREATE TABLE IF NOT EXISTS bench_events (id bigserial PRIMARY KEY, body jsonb)")
        client.load(port, pid, _envelopes(world), scale.seconds)
        found = in_turn(
            {
                "bugwire": lambda: client.load(port, pid, _envelopes(world), scale.seconds),
                "naive": lambda: _inserts(database, scale.seconds),
                "limit": lambda: _copies(database, scale.seconds),
            },
            scale.rounds,
        )
        database.execute("DROP TABLE bench_events")
    ours = found["bugwire"]
    note = "Bugwire: HTTP, key, grouping, deduplication, bug counts; naive and limit: no HTTP, one connection"
    rates = [one["per_second"] for one in found.values()]
    return [
        Figure("ingest", "one error per envelope", "events/s", *rates, note),
        Figure("ingest", "one error per envelope", "p50 ms", ours["p50"]),
        Figure("ingest", "one error per envelope", "p99 ms", ours["p99"]),
        Figure("ingest", "one error per envelope", "web CPU ms/event", ours["cpu_ms"]),
    ]


def _event(kind: int) -> dict[str, Any]:
    frames = [
        {"function": f"step_{line}", "module": f"shop.part{kind}", "lineno": line, "in_app": True} for line in range(30)
    ]
    error = {"type": f"Error{kind}", "value": "it broke", "stacktrace": {"frames": frames}}
    return {"event_id": uuid.uuid4().hex, "level": "error", "platform": "python", "exception": {"values": [error]}}


def _envelopes(world: World) -> Callable[[], bytes]:
    turn = itertools.cycle(range(KINDS))
    auth = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={world.dsn_key}"}

    def request() -> bytes:
        event = _event(next(turn))
        head, payload = json.dumps({"event_id": event["event_id"]}), json.dumps(event)
        body = f'{head}\n{{"type":"event","length":{len(payload)}}}\n{payload}\n'.encode()
        return client.post(f"/api/{world.dsn_number}/envelope/", body, **auth)

    return request


def _inserts(database: Any, seconds: float) -> dict[str, float]:
    count, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        database.execute("INSERT INTO bench_events (body) VALUES (%s)", [json.dumps(_event(count % KINDS))])
        count += 1
    return {"per_second": count / (time.perf_counter() - began)}


def _copies(database: Any, seconds: float) -> dict[str, float]:
    count, began = 0, time.perf_counter()
    with database.cursor().copy("COPY bench_events (body) FROM STDIN") as copy:
        while time.perf_counter() < began + seconds:
            copy.write_row([json.dumps(_event(count % KINDS))])
            count += 1
    return {"per_second": count / (time.perf_counter() - began)}
