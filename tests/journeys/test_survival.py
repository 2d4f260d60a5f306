"""One of two stream processes is killed while changes come: what the benchmark does with 500 clients, with a few."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from audit.actors import SYSTEM
from bench.streaming import survival
from bench.streaming.changes import Changes
from bench.streaming.load import Paced
from bugs import services
from bugs.choices import Status
from tests.streaming.conftest import StreamProcess

CLIENTS, PACE = 40, Paced(60, 15.0)


@pytest.fixture
def pair(transactional_db: None, valkey: Any) -> Iterator[list[StreamProcess]]:
    processes = [StreamProcess(), StreamProcess()]
    with ExitStack() as running:
        for process in processes:
            process.start()
            running.callback(process.end)
        yield processes


def test_nobody_misses_anything_and_nobody_is_told_of_a_gap(
    pair: list[StreamProcess], key_of: Callable[..., str], as_principal: Callable[[str], Any], bug: Any, settings: Any
) -> None:
    settings.EVENT_ROUTES = {}
    services.change_status(bug.pk, to=Status.TRIAGED, by=SYSTEM)
    found = survival.survive(
        [process.address for process in pair],
        key_of("alice"),
        Changes(as_principal("alice"), bug.pk),
        lambda: pair[0].end(suddenly=True),
        clients=CLIENTS,
        pace=PACE,
    )
    assert (found.events, found.missing, found.gaps) == (PACE.count, 0, 0)
    assert found.cut == CLIENTS // len(pair), "the kill reached nobody"
    assert found.back == CLIENTS
