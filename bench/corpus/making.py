"""Envelopes by the ten thousand, made in two processes before anything is timed."""

import gzip
import multiprocessing
import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

from bench.corpus import problems
from bench.corpus.gapped import Gapped, Moment, iso

PROBLEMS = 200
LEVEL = 9  # sentry-sdk's own
PROCESSES = 2
NEWEST_OFTEN = (1, 1, 2, 4, 8)  # how often events come from each release
_ZIPF = list(accumulate(1 / rank for rank in range(1, PROBLEMS + 1)))


@dataclass(frozen=True, slots=True)
class Corpus:
    """bodies: gzipped envelopes of one event each. plain: bytes of each event's JSON."""

    bodies: list[bytes]
    plain: list[int]

    def sizes(self) -> str:
        return f"events {_spread(self.plain)} bytes of JSON, {_spread([len(body) for body in self.bodies])} as sent"

    def event(self, number: int) -> bytes:
        """The event's JSON."""
        return gzip.decompress(self.bodies[number]).split(b"\n", 2)[2].rstrip(b"\n")


def make(count: int, *, seed: int, until: float) -> Corpus:
    """Events of the second before `until`; the same for the same seed and moment."""
    shares = pairwise(count * number // PROCESSES for number in range(PROCESSES + 1))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool:
        parts = [pool.submit(part, end - begin, f"{seed} {begin}", until) for begin, end in shares]
        found = [one.result() for one in parts]
    return Corpus([body for bodies, _ in found for body in bodies], [size for _, sizes in found for size in sizes])


def part(count: int, seed: str, until: float) -> tuple[list[bytes], list[int]]:
    dice = Random(seed)
    known: dict[int, tuple[Gapped, ...]] = {}
    bodies, sizes = [], []
    for number in dice.choices(range(PROBLEMS), cum_weights=_ZIPF, k=count):
        forms = known[number] if number in known else known.setdefault(number, problems.make(number))
        (form,) = dice.choices(forms, NEWEST_OFTEN)
        moment = Moment.of(dice, until - dice.random())
        event = form.fill(moment)
        bodies.append(gzip.compress(_envelope(moment, event), LEVEL, mtime=0))
        sizes.append(len(event))
    return bodies, sizes


def _envelope(moment: Moment, event: bytes) -> bytes:
    head = b'{"event_id":"%b","sent_at":"%b","trace":{"trace_id":"%b"}}' % (
        moment.event_id,
        iso(moment.at),
        moment.trace,
    )
    return b'%b\n{"type":"event","content_type":"application/json","length":%d}\n%b\n' % (head, len(event), event)


def _spread(sizes: list[int]) -> str:
    return f"{min(sizes):,} / {statistics.median(sizes):,.0f} / {max(sizes):,}"
