"""Settled rows become seals: in order, once each, in the database and outside of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from audit import chains, log, partitions, seal_log, sealing, seals, signing, verification
from audit.actors import SYSTEM
from audit.identifiers import first_of
from audit.models import AccessRecord, Event, Seal
from tests.audit.conftest import as_superuser, call

pytestmark = pytest.mark.usefixtures("history")


def event(count: int = 1) -> None:
    with transaction.atomic():
        for _ in range(count):
            log.record("bug.created", subject="bug:1", project_id=uuid4(), by=SYSTEM)


def logged(chain: str = "access") -> list[int]:
    return [entry.number for entry in seal_log.entries(Path(configured.AUDIT_SEAL_LOG), chain)]


def fault(chain: chains.Chain = chains.ACCESS, **more: Any) -> verification.Fault | None:
    return verification.verify(chain, keys=signing.trusted(), log=Path(configured.AUDIT_SEAL_LOG), **more).fault


def test_each_row_is_in_one_seal_of_its_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS_MAX", 3)
    for _ in range(7):
        call()
    event(4)
    assert sealing.seal_all() == 5
    assert list(Seal.objects.order_by("chain", "number").values_list("chain", "number", "count")) == [
        *(("access", 1, 3), ("access", 2, 3), ("access", 3, 1)),
        *(("events", 1, 3), ("events", 2, 1)),
    ]
    assert sealing.seal_all() == 0
    report = verification.verify(chains.ACCESS, keys=signing.trusted())
    assert (report.fault, report.rows, report.seals, report.unsealed) == (None, 7, 3, 0)


def test_what_has_not_settled_waits() -> None:
    call()
    written, commit = threading.Event(), threading.Event()

    def write_late() -> None:
        try:
            with transaction.atomic():
                call()
                written.set()
                assert commit.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(write_late)
        assert written.wait(20)
        call()  # a later transaction, which commits first
        sealing.seal_all()
        assert Seal.objects.get(chain="access").count == 1
        commit.set()
        late.result(timeout=20)
    sealing.seal_all()
    assert [seal.count for seal in Seal.objects.filter(chain="access").order_by("number")] == [1, 2]
    assert fault() is None


def test_two_sealers_at_once_seal_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS_MAX", 5)
    for _ in range(60):
        call()
    start = threading.Barrier(3)

    def seal() -> None:
        start.wait()
        try:
            for _ in range(20):
                sealing.seal_all()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(seal) for _ in range(3)]:
            done.result(timeout=60)
    assert list(Seal.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 13))
    assert logged() == list(range(1, 13))
    assert verification.verify(chains.ACCESS, keys=signing.trusted()).rows == 60


def test_a_seal_ends_where_a_month_does() -> None:
    for _ in range(3):
        call()
    early = first_of(datetime(2026, 1, 31, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute(partitions.create_month("audit_accessrecord", datetime(2026, 1, 1, tzinfo=UTC)))
    second = AccessRecord.objects.order_by("seq")[1]
    as_superuser("UPDATE audit_accessrecord SET id = %s WHERE id = %s", [early, second.pk])
    sealing.seal_all()
    months = list(Seal.objects.order_by("number").values_list("month", "count"))
    now = f"{second.occurred_at:%Y-%m}"
    assert months == [(now, 1), ("2026-01", 1), (now, 1)]
    assert fault() is None


def test_the_log_outside_has_each_seal_as_it_was_signed() -> None:
    call()
    sealing.seal_all()
    line = orjson.loads(Path(configured.AUDIT_SEAL_LOG).read_bytes().splitlines()[0])
    seal = Seal.objects.get(chain="access")
    assert line == {"seal": seals.statement(seal).decode(), "signature": signing.encoded(bytes(seal.signature))}
    assert Path(configured.AUDIT_SEAL_LOG).stat().st_mode & 0o777 == 0o600


def test_the_log_gets_later_what_it_could_not_take(tmp_path: Path, settings: Any) -> None:
    call()
    sealing.seal_all()
    kept, settings.AUDIT_SEAL_LOG = settings.AUDIT_SEAL_LOG, str(tmp_path)  # a directory
    call()
    assert sealing.seal_all() == 1
    settings.AUDIT_SEAL_LOG = kept
    assert logged() == [1]
    sealing.seal_all()
    assert logged() == [1, 2]


def test_a_torn_line_harms_no_other() -> None:
    call()
    sealing.seal_all()
    with Path(configured.AUDIT_SEAL_LOG).open("ab") as file:
        file.write(b'{"seal":"{')
    call()
    sealing.seal_all()
    assert logged() == [1, 2] and fault() is None


def test_the_last_entry_is_found_behind_many_of_the_other_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_log, "BLOCK", 100)
    event()
    sealing.seal_all()
    for _ in range(5):
        call()
        sealing.seal_all()
    event()
    sealing.seal_all()
    assert logged("events") == [1, 2] and logged() == [1, 2, 3, 4, 5]


def test_the_log_keeps_what_a_restored_backup_does_not_know() -> None:
    for _ in range(3):
        call()
        sealing.seal_all()
    as_superuser("DELETE FROM audit_accessrecord WHERE seq >= (SELECT first_seq FROM audit_seal WHERE number = 2)")
    as_superuser("DELETE FROM audit_sealleaves WHERE seal_id IN (SELECT id FROM audit_seal WHERE number >= 2)")
    as_superuser("DELETE FROM audit_seal WHERE number >= 2")
    found = fault()
    assert found and (found.kind, found.where) == ("seal_gone", "seal 2")
    call()
    sealing.seal_all()
    assert logged() == [1, 2, 3, 2]
    found = fault()
    assert found and (found.kind, found.where) == ("seal_differs", "seal 2")
    call()
    sealing.seal_all()
    assert logged() == [1, 2, 3, 2, 3]


@pytest.mark.parametrize("table", ["audit_accessrecord", "audit_seal", "audit_event"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_history_and_seals_are_append_only(table: str, change: str) -> None:
    call()
    event()
    sealing.seal_all()
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


def test_no_part_of_the_records_can_be_truncated() -> None:
    with connection.cursor() as cursor:
        cursor.execute(partitions.create_month("audit_accessrecord", datetime(2027, 5, 1, tzinfo=UTC)))
        cursor.execute(partitions.GUARD)
        cursor.execute("SELECT relid::regclass::text FROM pg_partition_tree('audit_accessrecord')")
        tables = [row[0] for row in cursor.fetchall()]
    assert "audit_accessrecord_2027_05" in tables
    for table in [*tables, "audit_seal", "audit_pruning", "audit_event"]:
        with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_no_model_deletes_history() -> None:
    call()
    for row in (AccessRecord.objects.get(), Seal(), Event()):
        with pytest.raises(TypeError, match="append-only"):
            row.delete()
