"""Months that go: only when they are sealed and as they were, and then verified as pruned."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as configured
from django.db import connection

from audit import chains, partitions, persons, retention, sealing, signing, verification
from audit.identifiers import first_of
from audit.models import AccessRecord, PersonKey, Pruning, Seal, SealLeaves
from tests.audit.conftest import as_superuser, call

pytestmark = pytest.mark.usefixtures("history")
TABLE = "audit_accessrecord"
OLD, NOW = datetime(2025, 3, 1, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(autouse=True)
def months(history: None) -> Any:
    names = [f"{TABLE}_{OLD + timedelta(days=offset):%Y_%m}" for offset in (0, 40)]
    with connection.cursor() as cursor:
        for offset in (0, 40):
            cursor.execute(partitions.create_month(TABLE, partitions.month_start(OLD + timedelta(days=offset))))
    yield names
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")


def old(count: int, day: datetime = OLD) -> None:
    """Calls of a month that is long over."""
    for number in range(count):
        call()
        newest = AccessRecord.objects.order_by("-seq").values_list("pk", flat=True)[0]
        wanted = UUID(int=first_of(day + timedelta(minutes=number)).int + number)
        as_superuser("UPDATE audit_accessrecord SET id = %s, occurred_at = %s WHERE id = %s", [wanted, day, newest])


def verified() -> verification.Report:
    return verification.verify(chains.ACCESS, keys=signing.trusted(), log=Path(configured.AUDIT_SEAL_LOG))


def test_a_month_goes_whole_and_is_verified_as_pruned(months: list[str], settings: Any) -> None:
    settings.AUDIT_RETENTION_MONTHS = 12
    old(4)
    call()
    sealing.seal_all()
    assert retention.prune(NOW) == [months[0], months[1]]
    assert AccessRecord.objects.count() == 1
    report = verified()
    assert (report.fault, report.pruned, report.rows, report.seals) == (None, 1, 1, 2)
    mark = Pruning.objects.get()
    assert (mark.month, mark.rows, mark.last_number) == ("2025-03", 4, 1)
    assert SealLeaves.objects.count() == 1 and Seal.objects.count() == 2
    assert '{"pruning":' in Path(configured.AUDIT_SEAL_LOG).read_text()
    assert retention.prune(NOW) == []


def test_a_month_that_is_not_sealed_stays(months: list[str], settings: Any) -> None:
    settings.AUDIT_RETENTION_MONTHS = 12
    old(2)
    assert retention.prune(NOW) == [months[1]]
    assert AccessRecord.objects.count() == 2 and not Pruning.objects.exists()


def test_a_month_that_was_tampered_with_stays_as_evidence(months: list[str], settings: Any) -> None:
    settings.AUDIT_RETENTION_MONTHS = 12
    old(3)
    sealing.seal_all()
    as_superuser("UPDATE audit_accessrecord SET status = 500")
    assert months[0] not in retention.prune(NOW)
    assert AccessRecord.objects.count() == 3


def test_zero_keeps_everything(settings: Any) -> None:
    settings.AUDIT_RETENTION_MONTHS = 0
    old(1)
    sealing.seal_all()
    assert retention.prune(NOW) == [] and AccessRecord.objects.count() == 1


def test_a_mark_that_nobody_signed_hides_no_deletion(settings: Any) -> None:
    old(3)
    sealing.seal_all()
    key = signing.key_id(signing.public_key())
    values = {"format": 1, "chain": "access", "month": "2025-03", "last_number": 1, "rows": 3}
    Pruning.objects.create(**values, pruned_at=NOW, key_id=key, signature=bytes(64))
    as_superuser("DELETE FROM audit_accessrecord")
    found = verified().fault
    assert found and found.kind in ("deleted", "changed")


def test_a_mark_is_for_its_own_month_alone(months: list[str], settings: Any) -> None:
    settings.AUDIT_RETENTION_MONTHS = 12
    old(3)
    call()
    sealing.seal_all()
    retention.prune(NOW)
    as_superuser("UPDATE audit_pruning SET month = to_char(now(), 'YYYY-MM')")
    as_superuser("DELETE FROM audit_accessrecord")
    found = verified().fault
    assert found and found.kind in ("deleted", "changed")


def test_rows_that_come_back_into_a_pruned_month_are_found(months: list[str], settings: Any) -> None:
    settings.AUDIT_RETENTION_MONTHS = 12
    old(3)
    call()
    sealing.seal_all()
    retention.prune(NOW)
    first = Seal.objects.get(number=1)
    as_superuser("UPDATE audit_accessrecord SET xid = %s", [first.last_xid])
    found = verified().fault
    assert found and found.kind in ("edited", "inserted", "changed")


def test_the_key_of_unknown_callers_goes_with_their_month(months: list[str], settings: Any) -> None:
    settings.AUDIT_RETENTION_MONTHS = 12
    persons.seal("anonymous:2025-03", UUID(int=1), {"ip": "203.0.113.9"})
    retention.prune(NOW)
    assert not PersonKey.objects.filter(person="anonymous:2025-03").exists()
