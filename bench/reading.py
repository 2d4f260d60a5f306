"""A page of 50 and one bug over the real web server; beside DRF's defaults; beside PostgreSQL alone."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import client, servers
from bench.figures import Figure, in_turn
from bench.scale import Scale
from bench.world import World
from bugs import selectors
from config import embedded


def measure(world: World, scale: Scale) -> list[Figure]:
    log = world.directory / "web.log"
    ours = servers.web("config.wsgi:application", "config.settings", log)
    naive = servers.web("bench.naive:application", "bench.naive_settings", log)
    with ours as (port, pid), naive as (naive_port, naive_pid):
        figures = []
        for case, path, key, naive_path, sql in _cases(world, port, scale):
            ask, ask_naive = client.get(path, Authorization=f"Bearer {key}"), client.get(naive_path)
            for warm in (_load(port, pid, ask, scale), _load(naive_port, naive_pid, ask_naive, scale)):
                warm()
            found = in_turn(
                {
                    "bugwire": _load(port, pid, ask, scale),
                    "naive": _load(naive_port, naive_pid, ask_naive, scale),
                    "limit": lambda sql=sql: _pgbench(world.directory, sql, scale),
                },
                scale.rounds,
            )
            figures += _figures(case, found)
        return figures


def _cases(world: World, port: int, scale: Scale) -> list[tuple[str, str, str, str, str]]:
    bugs = selectors.bugs_for(world.principal_of_one)
    newest = bugs.order_by("-created_at", "-id")
    one, page = str(newest.values_list("pk", flat=True)[7]), "/api/v1/bugs/?limit=50"
    everywhere = selectors.bugs_for(world.principal).order_by("-created_at", "-id")[:50]
    number = min(500, bugs.count() // 100)
    deep = _walk(port, world.key_of_one, pages=number * 50 // 200)
    project = world.projects[0]
    offset = (number - 1) * 50
    return [
        ("newest 50, one project", page, world.key_of_one, f"/bugs/?project={project}", _sql(newest[:50])),
        ("newest 50, all projects", page, world.key, "/bugs/", _sql(everywhere)),
        (
            f"page {number}, one project",
            deep,
            world.key_of_one,
            f"/bugs/?project={project}&page={number}",
            _sql(newest.filter(created_at__lt=newest[offset].created_at)[:50]),
        ),
        ("one bug", f"/api/v1/bugs/{one}/", world.key_of_one, f"/bugs/{one}/", _sql(bugs.filter(pk=one))),
    ]


def _walk(port: int, key: str, pages: int) -> str:
    """The address of a far page: cursors are bound to the key and signed, so one walks there."""
    path = "/api/v1/bugs/?limit=200"
    for _ in range(max(pages, 1)):
        body = orjson.loads(client.once(port, client.get(path, Authorization=f"Bearer {key}")))
        path = "/api/v1/bugs/?" + body["next"].partition("?")[2]
    return path.replace("limit=200", "limit=50")


def _sql(bugs: Any) -> str:
    """One statement that finds the page and writes it as JSON: what PostgreSQL can do with nothing around it."""
    with CaptureQueriesContext(connection) as queries:
        list(bugs.values_list("id", flat=True))
    found = f"(SELECT id, row_number() OVER () AS place FROM ({queries.captured_queries[-1]['sql']}) f) AS wanted"
    return selectors._DOCUMENTS.replace("unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place)", found)


def _load(port: int, pid: int, request: bytes, scale: Scale) -> Callable[[], dict[str, float]]:
    return lambda: client.load(port, pid, lambda: request, scale.seconds)


def _pgbench(directory: Path, sql: str, scale: Scale) -> dict[str, float]:
    """The same rows as the same JSON with nothing around them."""
    script = directory / "limit.sql"
    script.write_text(sql.replace("\n", " ") + ";\n")
    argv = [str(embedded.Postgres.bin("pgbench")), "-n", "-f", str(script), "-c", "16", "-j", "2"]
    argv += ["-T", str(max(1, round(scale.seconds))), "-h", str(embedded.socket_directory(directory))]
    done = subprocess.run([*argv, "-U", "bugwire", "bugwire"], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return {"per_second": float(line.split()[2])}


def _figures(case: str, found: dict[str, dict[str, float]]) -> list[Figure]:
    ours, naive, limit = found["bugwire"], found["naive"], found["limit"]
    note = "naive has no key, limits or audit; limit is pgbench"
    return [
        Figure("reading", case, "answers/s", ours["per_second"], naive["per_second"], limit["per_second"], note),
        Figure("reading", case, "p50 ms", ours["p50"], naive["p50"]),
        Figure("reading", case, "p99 ms", ours["p99"], naive["p99"]),
        Figure("reading", case, "web CPU ms/answer", ours["cpu_ms"], naive["cpu_ms"]),
    ]
