"""The fence: a cursor over history passes nothing over, whatever commits late and whatever life it is from."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from audit import eras, log, selectors
from audit.actors import SYSTEM
from audit.models import Era, Event
from config.embedded import Postgres
from tests.audit.conftest import FAST, Connect, run

WRITERS, TRANSACTIONS, EVENTS_EACH = 8, 190, 2  # 3,040 events
LONGEST_SLEEP = 0.02
BEGINNING = (0, 0, 0)


def record(project_id: UUID, count: int = 1, pause: float = 0.0) -> list[UUID]:
    """Events of one transaction, which may take its time to commit."""
    with transaction.atomic():
        events = [log.record("test.happened", subject="test:1", project_id=project_id, by=SYSTEM) for _ in range(count)]
        time.sleep(pause)
    return [event.pk for event in events]


# Concurrent writers ---------------------------------------------------------------------------------------


def write_much(project_id: UUID, seed: int) -> list[UUID]:
    chance, written = random.Random(seed), []
    try:
        for _ in range(TRANSACTIONS):
            pause = chance.uniform(0, LONGEST_SLEEP) if chance.random() < 0.4 else 0.0
            written += record(project_id, EVENTS_EACH, pause)
    finally:
        connection.close()
    return written


def replay(project_id: UUID, since: selectors.Position, ended: threading.Event) -> set[UUID]:
    """The present position first, then what became visible since the one before."""
    seen: set[UUID] = set()
    for _ in rounds(ended):
        now = selectors.position()
        events = selectors.visible_since(since, [project_id])
        assert len(events) <= selectors.REPLAY_LIMIT
        seen |= {event.pk for event in events}
        since = now
    return seen


def follow(cursor: tuple[int, int, int], ended: threading.Event) -> list[UUID]:
    seen: list[UUID] = []
    for _ in rounds(ended):
        while events := selectors.settled_after(cursor, limit=100):
            seen += [event.pk for event in events]
            cursor = place(events[-1])
    return seen


def follow_naively(number: int, ended: threading.Event) -> list[UUID]:
    seen: list[UUID] = []
    for _ in rounds(ended):
        for event in Event.objects.filter(seq__gt=number).order_by("seq"):
            seen.append(event.pk)
            number = event.seq
    return seen


def rounds(ended: threading.Event) -> Iterator[None]:
    """Until the writers have ended, and once more."""
    try:
        last = False
        while not last:
            last = ended.is_set()
            yield
            time.sleep(0.002)
    finally:
        connection.close()


def place(event: Event) -> tuple[int, int, int]:
    return event.era, event.xid, event.seq


def newest() -> tuple[int, int, int]:
    event = Event.objects.order_by("era", "xid", "seq").last()
    return place(event) if event else BEGINNING


def test_readers_miss_nothing_that_concurrent_writers_commit(history: None) -> None:
    project_id, ended = uuid4(), threading.Event()
    before, start = newest(), selectors.position()
    with ThreadPoolExecutor(WRITERS + 3) as pool:
        replaying = pool.submit(replay, project_id, start, ended)
        following = pool.submit(follow, before, ended)
        naive = pool.submit(follow_naively, before[2], ended)
        writing = [pool.submit(write_much, project_id, seed) for seed in range(WRITERS)]
        try:
            written = [pk for done in writing for pk in done.result(timeout=60)]
        finally:
            ended.set()
    committed = set(written)

    print(f"{len(committed)} events; `seq > n` missed {len(committed - set(naive.result()))}")
    assert len(committed) == len(written) >= 3_000
    assert committed - replaying.result() == set()
    assert sorted(following.result()) == sorted(committed)  # each exactly once


def test_what_commits_late_is_visible_from_the_position_taken_meanwhile(history: None) -> None:
    """The one interleaving that loses events, without luck: the later number commits first."""
    project_id, recorded, commit = uuid4(), threading.Event(), threading.Event()

    def write_late() -> None:
        try:
            with transaction.atomic():
                log.record("test.late", subject="test:1", project_id=project_id, by=SYSTEM)
                recorded.set()
                assert commit.wait(10)
        finally:
            connection.close()

    before = newest()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(write_late)
        assert recorded.wait(10)
        record(project_id)
        meanwhile = selectors.position()
        assert selectors.settled_after(before) == []
        commit.set()
        late.result(timeout=10)

    assert "test.late" in [event.type for event in selectors.visible_since(meanwhile, [project_id])]
    assert [event.type for event in selectors.settled_after(before)] == ["test.late", "test.happened"]


def test_more_than_can_be_replayed_is_told(history: None) -> None:
    project_id, start = uuid4(), selectors.position()
    record(project_id, 4)

    assert len(selectors.visible_since(start, [project_id], limit=4)) == 4
    assert len(selectors.visible_since(start, [project_id], limit=3)) == 4
    assert selectors.visible_since(start, [uuid4()]) == []


# Tokens ---------------------------------------------------------------------------------------------------


def test_a_token_of_this_era_reads_back(history: None) -> None:
    position = selectors.position()

    assert selectors.parse_position(str(position)) == position


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "a.b", ".", ".1", "00000000.1", "{mark}", "{mark}.", "{mark}.-1", "{mark}.+1", "{mark}. 1"),
        *("{mark}.1.2", "{mark}.1_0", "{mark}.²", "{mark}.٣", "{mark}.1\x00", "{mark}.99999999999999999999"),
    ],
)
def test_what_is_no_token_of_this_era_is_foreign(history: None, token: str) -> None:
    with pytest.raises(selectors.ForeignToken):
        selectors.parse_position(token.replace("{mark}", eras.current().mark))


# Lives of the database ------------------------------------------------------------------------------------


def test_a_transaction_that_is_rolled_back_does_not_take_its_era_along(history: None) -> None:
    Era.objects.all().delete()
    connection.close()
    with transaction.atomic():
        begun = eras.current()
        transaction.set_rollback(True)

    assert eras.current() == begun
    assert Era.objects.filter(pk=begun.number, mark=begun.mark).exists()


def test_an_open_transaction_that_began_the_era_holds_nobody_up(history: None) -> None:
    Era.objects.all().delete()
    connection.close()
    seen: list[eras.CurrentEra] = []

    def look() -> None:
        seen.append(eras.current())
        connection.close()

    with transaction.atomic():
        begun = eras.current()
        other = threading.Thread(target=look)
        other.start()
        other.join(5)

    assert seen == [begun]


def test_an_era_that_began_is_asked_for_once_a_connection(history: None, django_assert_num_queries: Any) -> None:
    eras.current()
    with django_assert_num_queries(0):
        eras.current()


def restore(backup: Path, directory: Path) -> Postgres:
    directory.mkdir()
    shutil.copytree(backup, directory / "postgres")
    return Postgres(directory, FAST | {"restore_command": "false", "hot_standby": "off"})


def burn_transaction_ids(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN FOR i IN 1..{count} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$")


def timeline() -> int:
    return int(Era.objects.get(pk=eras.current().number).timeline)


def test_restores_of_one_backup_are_lives_of_their_own(
    cluster: Postgres, connected: Connect, back_up: Callable[[], Path], tmp_path: Path
) -> None:
    project_id = uuid4()
    with connected(cluster):
        first, cursor = eras.current(), newest()
        before = record(project_id)
        backup = back_up()
        lost = record(project_id)
        burn_transaction_ids(50)
        token = selectors.position()
    marks = {first.mark}
    for name in ("one", "two"):
        with restore(backup, tmp_path / name) as restored, connected(restored):
            with pytest.raises(selectors.ForeignToken):
                selectors.parse_position(str(token))
            after = record(project_id)
            assert timeline() == 2
            assert eras.current().number > first.number
            assert Event.objects.get(pk=after[0]).xid < token.fence  # the ids of lost events are used again
            assert [event.pk for event in selectors.settled_after(cursor)] == before + after
            assert not Event.objects.filter(pk__in=lost).exists()
            marks.add(eras.current().mark)

    assert len(marks) == 3


def test_history_goes_on_in_a_cluster_where_transaction_ids_start_again(
    cluster: Postgres, connected: Connect, tmp_path: Path
) -> None:
    """A dump read into another cluster: newer events have smaller transaction ids."""
    project_id = uuid4()
    with connected(cluster):
        cursor, token = newest(), str(selectors.position())
        burn_transaction_ids(3_000)
        before = record(project_id, 2)
        first = eras.current()
    dump = run(cluster, "pg_dump", "bugwire")
    with Postgres(tmp_path / "other", FAST) as other:
        run(other, "psql", "-q", "-v", "ON_ERROR_STOP=1", "bugwire", send=dump)
        with connected(other):
            with pytest.raises(selectors.ForeignToken):
                selectors.parse_position(token)
            position, after = selectors.position(), record(project_id, 2)
            events = selectors.settled_after(cursor)

            assert [event.pk for event in events] == before + after
            assert [event.era for event in events] == [first.number] * 2 + [eras.current().number] * 2
            assert events[-1].xid < events[0].xid
            assert selectors.settled_after(place(events[1])) == events[2:]
            assert selectors.visible_since(position, [project_id]) == events[2:]
