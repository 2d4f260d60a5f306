"""How long a read takes while others come at a fixed rate: 16 connections, counted from each call's scheduled time."""

from bench import client, questions, servers, wire
from bench.figures import Figure
from bench.scale import Scale
from bench.world import World

TARGET_MS = 50.0
NOTE = "key, limits and audit on; open loop over 16 connections; `limit` is the promise for p95"


def measure(world: World, scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    with servers.web("config.wsgi:application", "config.settings", world.directory / "web.log") as (port, _):
        for question in questions.measured(world):
            client.once(port, question.request)  # an answer that is no 200 stops the benchmark
            wire.at_rate(port, lambda one=question: one.request, rate=question.rate, seconds=1)
            found = wire.at_rate(port, lambda one=question: one.request, rate=question.rate, seconds=scale.seconds * 2)
            figures += _figures(f"{question.name}, {question.rate:.0f}/s", found)
    return figures


def _figures(case: str, found: wire.Answers) -> list[Figure]:
    if found.errors:
        return [Figure("latency", f"{case}: ANSWERED {dict(found.counts)}", "errors", float(found.errors), note=NOTE)]
    return [
        Figure("latency", case, "p50 ms", found.ms(0.5), note=NOTE),
        Figure("latency", case, "p95 ms", found.ms(0.95), None, TARGET_MS),
        Figure("latency", case, "p99 ms", found.ms(0.99)),
    ]
