"""Records pulled line by line: each exactly once, whatever commits late."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from audit import chains, eras, pulling
from audit.models import AccessRecord
from tests.audit.conftest import call

pytestmark = pytest.mark.usefixtures("history")
WRITERS, TRANSACTIONS = 6, 60


def write_much(seed: int) -> int:
    chance = random.Random(seed)
    try:
        for _ in range(TRANSACTIONS):
            with transaction.atomic():
                call(seed)
                call(seed)
                time.sleep(chance.uniform(0, 0.01))
    finally:
        connection.close()
    return TRANSACTIONS * 2


def follow(ended: threading.Event, rows: Any, limit: int) -> list[UUID]:
    """As a SIEM does: by what the cursor says and nothing else."""
    seen: list[UUID] = []
    cursor = None
    try:
        while True:
            last = ended.is_set()
            found = pulling.pull(rows, pulling.read(cursor) if cursor else chains.BEGINNING, limit, ["id"])
            seen += [row["id"] for row in found.rows]
            cursor = pulling.written(found.end, {})
            if last and not found.rows:
                return seen
    finally:
        connection.close()


def test_concurrent_writers_lose_and_repeat_nothing() -> None:
    ended = threading.Event()
    every, some = AccessRecord.objects.all(), AccessRecord.objects.filter(actor="user:3")
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        following = pool.submit(follow, ended, every, 7)
        filtered = pool.submit(follow, ended, some, 3)
        written = sum(pool.map(write_much, range(WRITERS)))
        ended.set()
        seen, chosen = following.result(timeout=60), filtered.result(timeout=60)
    assert len(seen) == len(set(seen)) == written == AccessRecord.objects.count()
    assert sorted(chosen) == sorted(some.values_list("id", flat=True))


def test_a_filter_that_finds_little_still_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "ROWS_MAX", 4)
    for number in range(10):
        call(number)
    rows, place, pulls = AccessRecord.objects.filter(actor="user:9"), chains.BEGINNING, []
    for _ in range(4):
        found = pulling.pull(rows, place, 10, ["actor"])
        pulls.append(len(found.rows))
        place = found.end
    assert pulls == [0, 0, 1, 0]


def test_a_cursor_stands_where_there_was_nothing_yet() -> None:
    found = pulling.pull(AccessRecord.objects.all(), chains.BEGINNING, 10, ["id"])
    cursor = pulling.written(found.end, {})
    call()
    assert len(pulling.pull(AccessRecord.objects.all(), pulling.read(cursor), 10, ["id"]).rows) == 1


@pytest.mark.parametrize(
    "cursor", ["", "x", "1.2.3", "mark.1", "{mark}.1", "{mark}.-1.1", "{mark}.²." + "9" * 19, "\x00.1.1"]
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(pulling.ForeignCursor):
        pulling.read(cursor.replace("{mark}", eras.current().mark))


def test_the_places_of_two_lives_of_a_database_differ() -> None:
    mark = eras.current().mark
    assert pulling.read(f"{mark}.12.13") == (eras.current().number, 12, 13)
    with pytest.raises(pulling.ForeignCursor):
        pulling.read(f"{uuid4().hex[:8]}.12.13")
