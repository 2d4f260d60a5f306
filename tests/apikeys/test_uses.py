"""Uses are counted in the process and written in one go: no call waits, no row is hot, none is lost."""

import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from apikeys import uses
from apikeys.models import ApiKey

API = "/api/v1/"


def test_calls_are_counted_and_the_last_is_remembered(api: Any, issue: Any, bug: Any) -> None:
    row, secret = issue()
    for path in ("bugs/", "bugs/none/", "exports/"):  # answered, missing, refused: the key was used
        api(key=secret).get(f"{API}{path}")
    row.refresh_from_db()
    assert (row.use_count, row.last_used_at) == (0, None)
    assert uses.flush() == 1
    row.refresh_from_db()
    assert row.use_count == 3 and row.last_used_at is not None


def test_many_keys_are_written_in_one_statement(issue: Any, django_assert_num_queries: Any) -> None:
    rows = [issue()[0] for _ in range(5)]
    for row in rows:
        uses.note(row.pk)
        uses.note(row.pk)
    with django_assert_num_queries(1):
        assert uses.flush() == 5
    assert set(ApiKey.objects.filter(pk__in=[row.pk for row in rows]).values_list("use_count", flat=True)) == {2}


def test_nothing_is_written_where_nothing_was_used(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert uses.flush() == 0


def test_an_open_socket_keeps_a_key_in_use_without_counting(issue: Any) -> None:
    row, _ = issue()
    uses.note(row.pk, calls=0)
    uses.flush()
    row.refresh_from_db()
    assert row.use_count == 0 and row.last_used_at is not None


def test_the_last_use_never_goes_back(issue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row, _ = issue()
    seen = []
    for moment in (2_000_000_000.0, 1_900_000_000.0):
        monkeypatch.setattr(uses, "time", SimpleNamespace(time=lambda moment=moment: moment))
        uses.note(row.pk)
        uses.flush()
        row.refresh_from_db()
        seen.append(row.last_used_at)
    assert seen[0] == seen[1] and row.use_count == 2


def test_what_cannot_be_written_is_written_later(issue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row, _ = issue()
    uses.note(row.pk)
    with monkeypatch.context() as away:
        away.setattr(uses, "_WRITE", "SELECT 1/0")
        with pytest.raises(DatabaseError), transaction.atomic():
            uses.flush()
    uses.note(row.pk)
    uses.flush()
    row.refresh_from_db()
    assert row.use_count == 2


def test_the_memory_has_a_bound(issue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "KEYS_MAX", 2)
    for _ in range(3):
        uses.note(uuid4())
    assert len(uses._pending) == 2


def test_a_key_that_is_gone_is_passed_over(db: None) -> None:
    uses.note(uuid4())
    assert uses.flush() == 1


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_by_itself(issue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(uses, "FLUSH_SECONDS", 0.05)
    row, _ = issue()
    uses.note(row.pk)
    for _ in range(200):
        time.sleep(0.05)
        row.refresh_from_db()
        if row.use_count:
            break
    assert row.use_count == 1
    writer, uses._writer = uses._writer, None
    uses._noted.set()
    writer.join()  # type: ignore[union-attr]
