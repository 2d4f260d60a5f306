"""The list as fast as it goes: Bugwire beside the naive stack on two servers, beside PostgreSQL alone."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import client, servers, wire
from bench.figures import Figure, in_turn
from bench.scale import Scale
from bench.world import World
from config import embedded

PAGE = "/api/v1/bugs/?limit=50"
NOTE = (
    "all with key, three limits and an audit row; closed loop, 16 connections, rounds in turn; "
    "`limit` is pgbench with the statements of the same page; "
    "promised: 8 times Daphne, 5 times gunicorn, 0.1 of pgbench"
)


def measure(world: World, scale: Scale) -> list[Figure]:
    log = world.directory / "web.log"
    ours = servers.web("config.wsgi:application", "config.settings", log)
    with (
        ours as (port, pid),
        servers.naive("daphne", log) as (daphne, _),
        servers.naive("gunicorn", log) as (threads, _),
    ):
        page = client.get(PAGE, Authorization=f"Bearer {world.key_of_one}")
        same = client.get(f"/bugs/?project={world.projects[0]}", Authorization=f"Bearer {world.key_of_one}")
        statements = _statements(world)
        ways: dict[str, Callable[[], dict[str, float]]] = {
            "bugwire": _load(port, page, scale),
            "daphne": _load(daphne, same, scale),
            "gunicorn": _load(threads, same, scale),
            "pgbench": lambda: _pgbench(world.directory, statements, scale),
        }
        for warm in ways.values():
            warm()
        before = servers.cpu_seconds(pid)
        found = in_turn(ways, scale.rounds)
        used = servers.cpu_seconds(pid) - before
    answered = found["bugwire"]["per_second"] * scale.seconds * scale.rounds
    return _figures(found, used / max(answered, 1) * 1000)


def _figures(found: dict[str, dict[str, float]], cpu_ms: float) -> list[Figure]:
    ours, limit = found["bugwire"], found["pgbench"]["per_second"]
    figures = [
        Figure(
            "reading", f"list of 50; naive on {name}", "answers/s", ours["per_second"], naive["per_second"], limit, NOTE
        )
        for name, naive in found.items()
        if name in ("daphne", "gunicorn")
    ]
    figures += [
        Figure("reading", f"list of 50; naive on {name}", f"p{share} ms", ours[f"p{share}"], found[name][f"p{share}"])
        for name in ("daphne", "gunicorn")
        for share in (50, 99)
    ]
    figures.append(
        Figure("reading", "errors in all rounds", "answers", *(found[n]["errors"] for n in ("bugwire", "daphne")))
    )
    figures.append(Figure("reading", "list of 50", "web CPU ms/answer", cpu_ms))
    return [*figures, Figure("reading", "share of pgbench", "ratio", ours["per_second"] / limit)]


def _load(port: int, request: bytes, scale: Scale) -> Callable[[], dict[str, float]]:
    return lambda: wire.busy(port, lambda: request, seconds=scale.seconds).figures()


def _statements(world: World) -> str:
    """What one page asks of PostgreSQL, without the bookkeeping around it."""
    caller = Client(headers={"authorization": f"Bearer {world.key_of_one}"})
    caller.get(PAGE, SERVER_NAME="127.0.0.1")
    with CaptureQueriesContext(connection) as queries:
        answer = caller.get(PAGE, SERVER_NAME="127.0.0.1")
    if answer.status_code != 200:
        raise RuntimeError(answer.content)
    found = [one["sql"] for one in queries.captured_queries if "bugs_bug" in one["sql"]]
    return ";\n".join(sql.replace("\n", " ") for sql in found)


def _pgbench(directory: Path, statements: str, scale: Scale) -> dict[str, float]:
    """The same rows as the same JSON with nothing around them."""
    script = directory / "limit.sql"
    script.write_text(statements + ";\n")
    argv = [str(embedded.Postgres.bin("pgbench")), "-n", "-f", str(script), "-c", "16", "-j", "2", "-M", "simple"]
    argv += ["-T", str(max(1, round(scale.seconds))), "-h", str(embedded.socket_directory(directory))]
    done = subprocess.run([*argv, "-U", "bugwire", "bugwire"], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return {"per_second": float(line.split()[2])}
