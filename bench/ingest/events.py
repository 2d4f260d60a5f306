"""The events of a run, made once before anything is timed."""

import time
from functools import cache

from bench import corpus
from bench.corpus import Corpus
from bench.scale import Scale

SEED = 4


@cache
def of(scale: Scale) -> Corpus:
    print(f"making {scale.events:,} events …", flush=True)
    made = corpus.make(scale.events, seed=SEED, until=time.time())
    print(made.sizes(), flush=True)
    return made
