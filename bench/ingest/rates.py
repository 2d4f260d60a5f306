"""How many events a second are accepted and how many digested: Bugwire and Bugsink in turn, with the same bytes."""

import math
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from bench import peer, servers, wire
from bench.corpus import Corpus
from bench.doors import Door, Supply
from bench.figures import Figure, in_turn
from bench.ingest import events
from bench.ingest.ours import Bugwire
from bench.scale import Scale
from bench.world import World

KEYS = ["SDK", "SDKB", "SDKC", "SDKD"]
PATIENCE = 900.0  # seconds for everything accepted to become visible
LOOK = 0.1
ACCEPTS, DIGESTS, P99_MS = 10.0, 20.0, 50.0  # promised
NOTE = (
    "naive: Bugsink on SQLite, gunicorn with 2 workers and its own worker, no quotas, the same bytes, rounds in turn; "
    "16 connections in a closed loop, one event an envelope; alone: nothing digests meanwhile; digested alone: nothing "
    "comes meanwhile; both: events visible in the seconds in which they are sent; `limit` is the promise"
)


class Receiver(Protocol):
    """A tracker that can be measured."""

    doors: list[Door]

    def accepting(self) -> AbstractContextManager[tuple[int, int]]: ...
    def digesting(self) -> AbstractContextManager[dict[str, int]]: ...
    def visible(self) -> int: ...
    def issues(self) -> int: ...


class Rounds:
    """One receiver's rounds, and what it owes: every event it said it has."""

    def __init__(self, receiver: Receiver, corpus: Corpus, seconds: float) -> None:
        self.receiver, self.seconds = receiver, seconds
        self.supply = Supply(receiver.doors, corpus.bodies)
        self.before = receiver.visible()
        self.accepted = self.refused = 0

    def run(self) -> dict[str, float]:
        with self.receiver.accepting() as (port, pid):
            self._send(port, self.seconds / 4)  # a first request loads what a later one finds
            used = servers.cpu_seconds(pid)
            alone = self._send(port, self.seconds)
            used = servers.cpu_seconds(pid) - used
        with self.receiver.digesting() as pids:
            drained = drain(self.receiver, self.before + self.accepted, pids.values())
        found = _named("alone", alone) | drained.figures()
        found["accept_ms"] = used / max(1, alone.counts[200]) * 1000
        return found | self._both()

    def _both(self) -> dict[str, float]:
        with self.receiver.accepting() as (port, _), self.receiver.digesting():
            self._send(port, self.seconds / 4)
            drain(self.receiver, self.before + self.accepted)  # all are awake
            before, began = self.receiver.visible(), time.perf_counter()
            both = self._send(port, self.seconds * 2)
            took = time.perf_counter() - began
            found = _named("both", both) | {"digested": (self.receiver.visible() - before) / took}
            drain(self.receiver, self.before + self.accepted)
        return found

    def _send(self, port: int, seconds: float) -> wire.Answers:
        answers = wire.busy(port, self.supply, seconds=seconds)
        self.accepted += answers.counts[200]
        self.refused += answers.errors
        return answers

    def missing(self) -> float:
        return float(self.before + self.accepted - self.receiver.visible())


@dataclass(frozen=True, slots=True)
class Drained:
    """What became visible after the first change that was seen, so not while a process starts; cpu: what it took."""

    events: int
    seconds: float
    cpu: float

    def figures(self) -> dict[str, float]:
        if not self.events:
            return {"drained": math.nan, "digest_ms": math.nan}
        return {"drained": self.events / self.seconds, "digest_ms": self.cpu / self.events * 1000}


def drain(receiver: Receiver, until: int, pids: Iterable[int] = ()) -> Drained:
    """Wait until so many are visible."""
    seen, limit = receiver.visible(), time.monotonic() + PATIENCE
    marks: list[tuple[int, float, float]] = []
    while seen < until:
        if time.monotonic() > limit:
            raise RuntimeError(f"{until - seen} accepted events did not become visible in {PATIENCE:.0f} s")
        time.sleep(LOOK)
        if (now := receiver.visible()) > seen:
            seen = now
            marks.append((seen, time.monotonic(), sum(map(servers.cpu_seconds, pids))))
    first, last = (marks[0], marks[-1]) if marks else ((0, 0.0, 0.0),) * 2
    return Drained(*(end - begin for begin, end in zip(first, last, strict=True)))


def _named(name: str, answers: wire.Answers) -> dict[str, float]:
    return {f"{name}_{key}": value for key, value in answers.figures().items()}


def measure(world: World, scale: Scale) -> list[Figure]:
    corpus = events.of(scale)
    ours = Bugwire(world.directory, KEYS)
    ours.forget()
    rounds = {"bugwire": Rounds(ours, corpus, scale.seconds)}
    if peer.is_here():
        rounds["bugsink"] = Rounds(peer.Bugsink(world.directory / "bugsink"), corpus, scale.seconds)
    found = in_turn({name: one.run for name, one in rounds.items()}, scale.rounds)
    figures = _figures(found, rounds)
    ours.forget()
    return figures


def _figures(found: dict[str, dict[str, float]], rounds: dict[str, Rounds]) -> list[Figure]:
    def line(case: str, unit: str, key: str, limit: float | None = None) -> Figure:
        naive = found["bugsink"][key] if "bugsink" in found else None
        return Figure("ingest", case, unit, found["bugwire"][key], naive, limit, NOTE)

    def times(case: str, key: str, limit: float) -> list[Figure]:
        if "bugsink" not in found:
            return []
        return [Figure("ingest", case, "times Bugsink's", found["bugwire"][key] / found["bugsink"][key], None, limit)]

    return [
        line("accepted, alone", "events/s", "alone_per_second"),
        *times("accepted, alone", "alone_per_second", ACCEPTS),
        line("accepted, alone", "p50 ms", "alone_p50"),
        line("accepted, alone", "p99 ms", "alone_p99", P99_MS),
        line("digested, alone", "events/s", "drained"),
        *times("digested, alone", "drained", DIGESTS),
        line("both: accepted", "events/s", "both_per_second"),
        *times("both: accepted", "both_per_second", ACCEPTS),
        line("both: accepted", "p50 ms", "both_p50"),
        line("both: accepted", "p99 ms", "both_p99", P99_MS),
        line("both: digested", "events/s", "digested"),
        *times("both: digested", "digested", DIGESTS),
        line("accepting", "web CPU ms/event", "accept_ms"),
        line("digesting, all that works behind", "CPU ms/event", "digest_ms"),
        _of(rounds, "refused or without answer", "answers", lambda one: float(one.refused), 0.0),
        _of(rounds, "accepted, then not visible", "events", lambda one: one.missing(), 0.0),
        _of(rounds, "events sent", "events", lambda one: float(one.accepted)),
        _of(rounds, "issues made of them", "issues", lambda one: float(one.receiver.issues())),
    ]


def _of(
    rounds: dict[str, Rounds], case: str, unit: str, ask: Callable[[Rounds], float], limit: float | None = None
) -> Figure:
    naive = ask(rounds["bugsink"]) if "bugsink" in rounds else None
    return Figure("ingest", case, unit, ask(rounds["bugwire"]), naive, limit)
