"""Threads: what clients ask for does not hold up what ends their rights; and every fact a stream needs is published."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from audit.matching import matches
from streaming import threads
from streaming.streams import STREAMS

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("busy", "free", "held_up"),
    [
        pytest.param(threads.run, threads.run_own, 20, id="clients do not hold up the hub"),
        pytest.param(threads.run_read, threads.run, 20, id="snapshots and replays do not hold up handshakes"),
        # It reads events, figures and what Redis lost, each at most once at a time; and rights.
        pytest.param(threads.run_own, threads.run_own, 3, id="other work of the hub does not hold up rights"),
        pytest.param(threads.run_last, threads.run, 20, id="ends do not hold up clients"),
    ],
)
def test_what_must_not_wait_has_threads_of_its_own(busy: Run, free: Run, held_up: int) -> None:
    held = threading.Event()

    async def ask() -> str:
        waiting = [asyncio.ensure_future(busy(held.wait, 30)) for _ in range(held_up)]
        try:
            return await asyncio.wait_for(free(lambda: "done"), 10)
        finally:
            held.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(ask()) == "done"


def test_every_kind_of_fact_that_a_stream_is_made_from_is_published() -> None:
    published = settings.EVENT_LISTENERS["streaming.broadcast.publish"]
    kinds = {kind for stream in STREAMS.values() if not stream.stirred_by for kind in stream.types}
    assert kinds and all(kind in published or matches(kind, published) for kind in kinds)
