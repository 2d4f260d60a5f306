"""A project with one event a second: how long each takes from its answer until it can be seen."""

import gzip
import time
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from uuid import UUID

import orjson

from bench import wire
from bench.ingest.ours import Bugwire

EVERY, LOOK = 1.0, 0.02  # seconds


@dataclass(slots=True)
class Waits:
    """seconds: of each event from its answer on. refused: answers other than 200."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0


def send(receiver: Bugwire, port: int, bodies: list[bytes], ending: Event) -> Waits:
    """Until the end is asked for and all that was accepted is visible."""
    waits = Waits()
    waiting: dict[UUID, float] = {}
    due = time.monotonic()
    rest = iter(bodies)
    with receiver.database() as database:
        while waiting or not ending.is_set():
            if not ending.is_set() and time.monotonic() >= due and (body := next(rest, None)):
                due += EVERY
                answers = wire.busy(
                    port, lambda one=body: receiver.doors[0].request(one), seconds=60, connections=1, count=1
                )
                if answers.counts[200]:
                    waiting[_event_id(body)] = time.monotonic()
                waits.refused += answers.errors
            for event_id in receiver.seen(database, list(waiting)):
                waits.seconds.append(time.monotonic() - waiting.pop(event_id))
            time.sleep(LOOK)
    return waits


def _event_id(body: bytes) -> UUID:
    head, _, _ = gzip.decompress(body).partition(b"\n")
    return UUID(orjson.loads(head)["event_id"])
