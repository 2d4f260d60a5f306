"""How fast personal data is found: texts in bulk, texts one by one, and the documents of errors."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench import corpus
from bench.figures import Figure
from bench.scale import Scale
from bench.world import World
from bugs.models import Bug
from bugs.privacy import detectors, redaction, texts
from bugs.privacy.detectors.shapes import compiled

TEXTS, EVENTS, ROUNDS = 5_000, 200, 5
BULK, ALONE = 30, 1.0  # promised: MB/s at least, ms/kB at most
NOTE = "processor time of one core, the fastest of some rounds; naive: each pattern of RE2 over each text"


def measure(world: World, scale: Scale) -> list[Figure]:
    rows = Bug.objects.order_by("-pk").values_list("title", "description")[:TEXTS]
    return [*of_texts([f"{title}\n{description}" for title, description in rows]), *of_documents()]


def of_texts(some: Sequence[str]) -> list[Figure]:
    size = sum(len(text.encode()) for text in some)
    cleaner = texts.cleaner(redaction.DEFAULT)
    bulk = size / _fastest(lambda: cleaner.places(some), ROUNDS)
    naive = size / _fastest(lambda: _naive(some), 1)
    alone = _fastest(lambda: [cleaner.places([text]) for text in some], ROUNDS) / size
    return [
        Figure("personal", "texts of bugs in bulk", "MB/s", bulk / 1e6, naive / 1e6, BULK, NOTE),
        Figure("personal", "texts of bugs one by one", "ms/kB", alone * 1e6, None, ALONE, NOTE),
    ]


def of_documents() -> list[Figure]:
    made = corpus.make(EVENTS, seed=5, until=time.time())
    events = [json.loads(made.event(number)) for number in range(EVENTS)]
    size = sum(made.plain)
    new = size / _fastest(lambda: (_forget(), _cleaned(events)), ROUNDS)
    again = size / _fastest(lambda: _cleaned(events), ROUNDS)
    return [
        Figure("personal", "errors, none of their texts met before", "MB/s", new / 1e6, None, None, NOTE),
        Figure("personal", "errors met before", "MB/s", again / 1e6, None, None, NOTE),
    ]


def _forget() -> None:
    texts.cleaner(redaction.DEFAULT).clean.clear()


def _cleaned(events: Sequence[Any]) -> None:
    for event in events:
        redaction.document(event)


def _naive(some: Sequence[str]) -> None:
    patterns = [compiled(shape.pattern) for gate in detectors.GATES for shape in gate.shapes]
    for text in some:
        whole = text.encode()
        for pattern in patterns:
            for _ in pattern.finditer(whole):
                pass


def _fastest(way: Callable[[], Any], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        way()
        taken.append(time.process_time() - began)
    return min(taken)
