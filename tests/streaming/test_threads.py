"""Threads: what clients ask for does not hold up what ends their rights; and every fact a stream needs is published."""

import asyncio
import threading

from django.conf import settings

from audit.matching import matches
from streaming import threads
from streaming.streams import STREAMS


def test_the_hubs_own_work_does_not_wait_behind_clients() -> None:
    held = threading.Event()

    async def ask() -> str:
        waiting = [asyncio.ensure_future(threads.run(held.wait, 30)) for _ in range(20)]
        try:
            return await asyncio.wait_for(threads.run_own(lambda: "done"), 10)
        finally:
            held.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(ask()) == "done"


def test_handshakes_do_not_wait_behind_snapshots_and_replays() -> None:
    held = threading.Event()

    async def ask() -> str:
        waiting = [asyncio.ensure_future(threads.run_read(held.wait, 30)) for _ in range(20)]
        try:
            return await asyncio.wait_for(threads.run(lambda: "done"), 10)
        finally:
            held.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(ask()) == "done"


def test_slow_reads_of_events_and_figures_do_not_hold_up_rights() -> None:
    held = threading.Event()

    async def ask() -> str:
        """The hub reads events, figures and what Redis lost, each at most once at a time; and rights."""
        waiting = [asyncio.ensure_future(threads.run_own(held.wait, 30)) for _ in range(3)]
        try:
            return await asyncio.wait_for(threads.run_own(lambda: "done"), 10)
        finally:
            held.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(ask()) == "done"


def test_every_kind_of_fact_that_a_stream_is_made_from_is_published() -> None:
    published = settings.EVENT_LISTENERS["streaming.broadcast.publish"]
    kinds = {kind for stream in STREAMS.values() if not stream.stirred_by for kind in stream.types}
    assert kinds and all(kind in published or matches(kind, published) for kind in kinds)
