"""Kept announcements: written with the change they tell of, found again like events for an hour, missed by nobody."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import announcements, log, replays, selectors
from audit.actors import SYSTEM
from audit.models import Announcement
from audit.selectors import Position
from tests.audit.conftest import as_superuser

WRITERS, TRANSACTIONS = 6, 120
LONGEST_SLEEP = 0.02
PROJECT = uuid4()
TYPES = ("test.*",)


@pytest.fixture(autouse=True)
def nothing_kept(history: None) -> None:
    Announcement.objects.all().delete()


def announce(kind: str = "test.received", *, project_id: UUID = PROJECT, is_kept: bool = True, **data: Any) -> None:
    log.announce(kind, subject=f"project:{project_id}", project_id=project_id, data=data, is_kept=is_kept)


def record(kind: str = "test.happened") -> UUID:
    return log.record(kind, subject="test:1", project_id=PROJECT, by=SYSTEM).pk


def kept(kind: str = "test.received", **more: Any) -> None:
    with transaction.atomic():
        announce(kind, **more)


def found(start: Position, types: Any = TYPES, **more: Any) -> list[Any]:
    facts = replays.facts_since(start, types=types, **more)
    assert facts is not None
    return facts


def pruned_in(hours: float) -> int:
    return announcements.prune(timezone.now() + timedelta(hours=hours))


# Keeping --------------------------------------------------------------------------------------------------


def test_none_is_kept_beside_no_change() -> None:
    with pytest.raises(log.NotInTransaction):
        announce()
    announce(is_kept=False)
    assert not Announcement.objects.exists()


def test_none_is_kept_of_a_change_that_was_rolled_back() -> None:
    with transaction.atomic():
        announce()
        transaction.set_rollback(True)
    assert not Announcement.objects.exists()


def test_listeners_hear_the_fact_that_is_found_later(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(log, "_listeners", lambda event_type: [heard.append])
    start = selectors.position()
    kept(reports=["a"])
    (fact,) = found(start)
    assert {name: fact[name] for name in heard[0]} == heard[0]
    assert fact["data"] == {"reports": ["a"]} and fact["project_id"] == str(PROJECT)


# Finding --------------------------------------------------------------------------------------------------


def test_events_and_announcements_come_in_the_order_of_transactions() -> None:
    start = selectors.position()
    for number in range(4):
        with transaction.atomic():
            record(f"test.event_{number}")
            announce(f"test.announced_{number}")
    facts = found(start)
    assert [fact["xid"] for fact in facts] == sorted(fact["xid"] for fact in facts)
    assert [{fact["type"] for fact in facts[at : at + 2]} for at in (0, 2, 4, 6)] == [
        {f"test.event_{number}", f"test.announced_{number}"} for number in range(4)
    ]


def test_only_what_was_asked_for_is_found() -> None:
    start, other = selectors.position(), uuid4()
    for kind in ("error.received", "session.updated", "error_group.created", "errors.received"):
        kept(kind)
    kept("error.received", project_id=other)
    kept("error.received", is_kept=False)
    assert [fact["type"] for fact in found(start, ["error.received"])] == ["error.received"] * 2
    assert [fact["type"] for fact in found(start, ["error.*"], project_ids=[PROJECT])] == ["error.received"]
    assert [fact["type"] for fact in found(start, ["error_group.*"])] == ["error_group.created"]
    assert found(start, ["error.received"], project_ids=[uuid4()]) == []


def test_more_than_can_be_replayed_is_told() -> None:
    start = selectors.position()
    for _ in range(2):
        with transaction.atomic():
            announce()
            record()
    assert len(found(start, limit=4)) == 4
    assert replays.facts_since(start, types=TYPES, limit=3) is None


def test_a_position_of_another_life_finds_nothing() -> None:
    assert replays.facts_since(Position("00000000", 0), types=TYPES) is None


# Pruning --------------------------------------------------------------------------------------------------


def test_what_is_an_hour_old_goes_and_older_positions_are_told() -> None:
    old = selectors.position()
    kept()
    assert pruned_in(0.9) == 0
    assert pruned_in(1.1) == 1
    new = selectors.position()
    assert replays.facts_since(old, types=TYPES) is None
    assert found(new) == []
    kept()
    assert len(found(new)) == 1
    assert replays.facts_since(old, types=TYPES) is None


def test_older_positions_are_told_for_ever() -> None:
    old = selectors.position()
    kept()
    for hours in (2, 4, 6):
        pruned_in(hours)
        assert replays.facts_since(old, types=TYPES) is None
    assert Announcement.objects.count() == 1


def test_events_are_found_however_many_announcements_went() -> None:
    old = selectors.position()
    with transaction.atomic():
        record("bug.created")
        announce("error.received")
    kept("session.updated")
    pruned_in(2)
    assert [fact["type"] for fact in found(old, ["bug.*"])] == ["bug.created"]
    for kind in ("error.received", "error.*", "session.updated"):
        assert replays.facts_since(old, types=["bug.*", kind]) is None


def test_many_go_in_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    old = selectors.position()
    for _ in range(5):
        kept()
    new = selectors.position()
    monkeypatch.setattr(
        announcements, "_PRUNE", announcements._PRUNE.replace(f"LIMIT {announcements.AT_ONCE}", "LIMIT 2")
    )
    steps = [pruned_in(2) for _ in range(4)]
    assert steps[:3] == [2, 2, 1]
    assert replays.facts_since(old, types=TYPES) is None
    assert found(new) == []


# Where a hub begins ---------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    work=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any), max_size=8),
    limit=st.integers(1, 6),
)
def test_a_recent_position_has_as_many_as_fit_and_not_one_transaction_more(
    work: list[tuple[int, int]], limit: int
) -> None:
    as_superuser("TRUNCATE audit_event CASCADE")
    Announcement.objects.all().delete()
    for events, announced in work:
        with transaction.atomic():
            for _ in range(events):
                record()
            for _ in range(announced):
                announce()
    fitting: list[tuple[int, int]] = []
    for one in reversed(work):
        if any(sum(numbers) > limit for numbers in zip(one, *fitting, strict=True)):
            break
        fitting.append(one)
    assert len(found(replays.recent_position(limit), limit=2 * limit)) == sum(map(sum, fitting))


def test_a_recent_position_is_after_all_that_was_pruned() -> None:
    record_of_old = selectors.position()
    for _ in range(3):
        kept()
    pruned_in(2)
    with transaction.atomic():
        record()
    start = replays.recent_position(100)
    assert start.fence > record_of_old.fence
    assert [fact["type"] for fact in found(start)] == ["test.happened"]


def write_much(seed: int) -> set[str]:
    """Events and announcements of many transactions, of which some take their time to commit."""
    chance, written = random.Random(seed), set()
    try:
        for number in range(TRANSACTIONS):
            with transaction.atomic():
                written.add(str(record()))
                name = f"{seed}-{number}"
                announce(name=name)
                written.add(name)
                time.sleep(chance.uniform(0, LONGEST_SLEEP) if chance.random() < 0.4 else 0)
    finally:
        connection.close()
    return written


def names(facts: Any) -> set[str]:
    return {fact["data"].get("name", fact["id"]) for fact in facts}


def follow(start: Position, ended: threading.Event) -> set[str]:
    """As a hub rereads: the present position first, then what became visible since the one before."""
    seen: set[str] = set()
    for _ in rounds(ended):
        reached = selectors.position()
        seen |= names(found(start))
        start = reached
    return seen


def begin(ended: threading.Event) -> list[tuple[Position, Position, set[str]]]:
    """As hubs begin: where they go on from, from where on they remember, and what."""
    begun = []
    for _ in rounds(ended):
        position = selectors.position()
        start = replays.recent_position(20)
        begun.append((position, start, names(found(start))))
    return begun


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


def test_nothing_is_missed_that_concurrent_writers_keep() -> None:
    before, ended = selectors.position(), threading.Event()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        following, beginning = pool.submit(follow, before, ended), pool.submit(begin, ended)
        writing = [pool.submit(write_much, seed) for seed in range(WRITERS)]
        try:
            written = set().union(*(done.result(timeout=60) for done in writing))
        finally:
            ended.set()
    assert len(written) == 2 * WRITERS * TRANSACTIONS
    assert written - following.result() == set()
    at = {name: fact["xid"] for fact in found(before) for name in names([fact])}
    for position, start, remembered in beginning.result():
        assert {name for name in written if start.fence <= at[name] < position.fence} <= remembered


def test_what_goes_of_one_project_is_no_gap_of_another(db: None) -> None:
    start, other = selectors.position(), uuid4()
    with transaction.atomic():
        announce(project_id=other)
    assert announcements.prune(timezone.now() + 2 * announcements.KEPT) == 1
    assert replays.facts_since(start, types=TYPES, project_ids=[PROJECT]) == []
    assert replays.facts_since(start, types=TYPES, project_ids=[PROJECT, other]) is None
