"""Fifty thousand events at once: what readers and a quiet project notice of it, and when it is over."""

import time
from dataclasses import dataclass, field

from bench import client, wire
from bench.doors import Supply
from bench.figures import Figure, percentile
from bench.ingest import beside, events, quiet
from bench.ingest.beside import Running
from bench.ingest.ours import Bugwire
from bench.ingest.rates import PATIENCE
from bench.scale import Scale
from bench.world import World

LISTS, SLICE = 20.0, 1.0  # a second; seconds of one measurement
WARM = 200
LIST_P95_MS = 100.0  # promised
NOTE = (
    "burst: one project sends over 16 connections as fast as it is answered, another one event a second, and the list "
    "of 50 is asked 20 times a second; visible: from the answer until the report is there"
)


@dataclass(slots=True)
class _Noticed:
    """Answers of the list while events came, and after that until all were visible, which took `seconds`."""

    accepting: wire.Answers = field(default_factory=wire.Answers)
    draining: wire.Answers = field(default_factory=wire.Answers)
    sent: wire.Answers = field(default_factory=wire.Answers)
    seconds: float = 0.0


def measure(world: World, scale: Scale) -> list[Figure]:
    corpus = events.of(scale)
    noisy, other = Bugwire(world.directory, ["NOISY"]), Bugwire(world.directory, ["QUIET"])
    noisy.forget()
    other.forget()
    supply = Supply(noisy.doors, corpus.bodies)
    asked = client.get("/api/v1/bugs/?limit=50", Authorization=f"Bearer {world.key_of_one}")
    with noisy.accepting() as (port, _), noisy.digesting():
        before = noisy.visible() + wire.busy(port, supply, seconds=PATIENCE, count=WARM).counts[200]
        wire.at_rate(port, lambda: asked, rate=LISTS, seconds=SLICE)
        count = len(corpus.bodies) - WARM
        with (
            beside.running(lambda ending: quiet.send(other, port, corpus.bodies, ending)) as second,
            beside.running(lambda ending: wire.busy(port, supply, seconds=PATIENCE, count=count)) as burst,
        ):
            noticed = _notice(port, asked, noisy, burst, before)
            waits = second.result()
    noisy.forget()
    other.forget()
    return _figures(noticed, waits)


def _notice(port: int, asked: bytes, noisy: Bugwire, burst: Running[wire.Answers], before: int) -> _Noticed:
    noticed = _Noticed()
    while not burst.is_over:
        _add(noticed.accepting, wire.at_rate(port, lambda: asked, rate=LISTS, seconds=SLICE))
    noticed.sent = burst.result()
    answered = time.monotonic()
    while (left := before + noticed.sent.counts[200] - noisy.visible()) > 0:
        if time.monotonic() - answered > PATIENCE:
            raise RuntimeError(f"{left} accepted events did not become visible in {PATIENCE:.0f} s")
        _add(noticed.draining, wire.at_rate(port, lambda: asked, rate=LISTS, seconds=SLICE))
    noticed.seconds = time.monotonic() - answered
    return noticed


def _add(answers: wire.Answers, more: wire.Answers) -> None:
    for status, taken in more.taken.items():
        answers.taken.setdefault(status, []).extend(taken)


def _figures(noticed: _Noticed, waits: quiet.Waits) -> list[Figure]:
    sent = noticed.sent
    count = sent.counts[200]
    lists = {"while they come": noticed.accepting, "while they are read": noticed.draining}
    return [
        Figure("ingest", "burst", "events", float(count), note=NOTE),
        Figure("ingest", "burst: accepted", "events/s", count / sent.seconds),
        Figure("ingest", "burst: accepted", "p99 ms", sent.ms(0.99)),
        Figure("ingest", "burst: refused or without answer", "answers", float(sent.errors), None, 0.0),
        Figure("ingest", "burst: all visible after the last answer", "s", noticed.seconds),
        Figure("ingest", "burst: accepted and digested", "events/s", count / (sent.seconds + noticed.seconds)),
        *(
            Figure("ingest", f"burst: list of 50 {when}", f"p{share} ms", answers.ms(share / 100), None, limit)
            for when, answers in lists.items()
            if answers.taken
            for share, limit in ((50, None), (95, LIST_P95_MS))
        ),
        *(
            Figure("ingest", f"burst: list of 50 {when}", "errors", float(answers.errors), None, 0.0)
            for when, answers in lists.items()
        ),
        *(
            Figure(
                "ingest",
                "burst: quiet project's events visible",
                f"p{share} ms",
                percentile(waits.seconds, share / 100) * 1000,
            )
            for share in (50, 99)
        ),
        Figure("ingest", "burst: quiet project's events refused", "answers", float(waits.refused), None, 0.0),
    ]
