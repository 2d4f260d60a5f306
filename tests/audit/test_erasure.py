"""Personal fields: under a key of the person, unreadable without it, bound to their record; the chain holds."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from audit import chains, erasure, persons, sealing, signing, verification
from audit.actors import Principal
from audit.models import AccessRecord, PersonKey
from tests.audit.conftest import as_superuser, call

pytestmark = pytest.mark.usefixtures("history")


@pytest.fixture(autouse=True)
def nobody(history: None) -> None:
    as_superuser("TRUNCATE audit_personkey")


def personal() -> list[dict[str, Any] | None]:
    rows = list(AccessRecord.objects.order_by("seq").values_list("pk", "person", "sealed"))
    opened = persons.opened(rows)
    return [opened.get(row[0]) for row in rows]


def test_who_was_forgotten_is_unreadable_and_the_chain_still_verifies() -> None:
    call(7), call(8), call(7)
    sealing.seal_all()
    assert [fields and fields["ip"] for fields in personal()] == ["203.0.113.7"] * 3
    assert erasure.forget("user:7") == 1
    assert [bool(fields) for fields in personal()] == [False, True, False]
    assert AccessRecord.objects.filter(actor="user:7").count() == 2
    report = verification.verify(chains.ACCESS, keys=signing.trusted())
    assert (report.fault, report.rows) == (None, 3)


def test_nothing_personal_is_in_a_plain_column() -> None:
    call()
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM audit_accessrecord t")
        row = cursor.fetchone()[0]
    assert not [word for word in ("203.0.113.7", "curl", "WEB-1", "Miller") if word in row]


def test_sessions_and_keys_of_one_person_share_a_key() -> None:
    session, key = Principal("user:7", user_id=7), Principal("key:1", user_id=7, key_id=UUID(int=1))

    assert persons.name_of(session, timezone.now()) == persons.name_of(key, timezone.now()) == "user:7"


def test_another_record_does_not_open_them() -> None:
    call()
    call()
    one, other = AccessRecord.objects.order_by("seq")
    as_superuser("UPDATE audit_accessrecord SET sealed = %s WHERE id = %s", [bytes(other.sealed), one.pk])
    assert [bool(fields) for fields in personal()] == [False, True]


def test_a_lost_key_of_the_ring_stops_nobody_and_is_not_thrown_away(settings: Any) -> None:
    call()
    persons.forget_kept()
    secret, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key, of which nobody told us before"
    call()
    assert [bool(fields) for fields in personal()] == [False, True]
    settings.SECRET_KEY = secret
    assert [bool(fields) for fields in personal()] == [True, False]
    assert PersonKey.objects.count() == 2


def test_a_person_gets_one_key_however_many_records() -> None:
    for _ in range(5):
        call()
    persons.forget_kept()
    call()
    assert PersonKey.objects.count() == 1


def test_keys_at_hand_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "KEPT_MAX", 3)
    for number in range(8):
        persons.seal(f"user:{number}", uuid4(), {})
    assert len(persons._kept) <= 3
