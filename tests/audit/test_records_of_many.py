"""Records of several calls in one statement: the same rows as one by one, and none is lost for another's sake."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection

from audit import access, chains, persons, records, sealing, signing, verification
from audit.models import AccessRecord
from audit.prepared import Statement
from tests.audit.conftest import SOURCE, call, made

OF_EACH = {"id", "xid", "seq", "occurred_at", "duration_ms", "request_id", "sealed"}  # no two calls share these
BAD = {"code": "a NUL \x00"}


@pytest.fixture
def empty(transactional_db: None) -> None:
    """No record, and no key of a person that an earlier test's database had."""
    persons.forget_kept()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Statement]:
    """Each statement that was sent."""
    found: list[Statement] = []
    run = Statement.run

    def noted(self: Statement, values: Any) -> None:
        found.append(self)
        run(self, values)

    monkeypatch.setattr(Statement, "run", noted)
    return found


def written() -> list[AccessRecord]:
    return list(AccessRecord.objects.order_by("seq"))


def columns(record: AccessRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in OF_EACH and name != "_state"}


def personal(record: AccessRecord) -> dict[str, Any]:
    return persons.opened([(record.pk, record.person, record.sealed)])[record.pk]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"project_ids": [uuid4(), uuid4()], "rows": 3, "targets": 2, "code": "gap", "target": 'bug:"it\'s" \\ äöü🐞'},
        {"status": 1006, "rows": 2**31 - 1},
        {"outcome": "failed", "data_class": "raw", "source": replace(SOURCE, path="\udc80\x00", trace="t")},
    ],
)
def test_a_row_is_what_it_is_by_itself(empty: None, more: dict[str, Any]) -> None:
    call(**more)
    assert access.write_many([made(**more), made(**more)]) == [None, None]
    alone, *together = written()
    assert [columns(one) for one in together] == [columns(alone)] * 2
    assert [personal(one) for one in together] == [personal(alone)] * 2


def test_each_has_its_own_person_place_and_key(empty: None) -> None:
    calls = [made(user_id=number % 2, source=replace(SOURCE, ip=f"192.0.2.{number}")) for number in range(4)]
    access.write_many(calls)
    rows = written()
    assert [one.request_id for one in rows] == [one.request_id for one in calls]
    assert [personal(one)["ip"] for one in rows] == [one.source.ip for one in calls]
    assert len({one.person for one in rows}) == 2 and len({one.xid for one in rows}) == 1
    assert sorted(rows, key=lambda one: one.pk) == rows


def test_one_statement_writes_all(empty: None, sent: list[Statement]) -> None:
    access.write_many([made() for _ in range(200)])
    assert (sent, len(written())) == ([records.MANY_LATER], 200)


def test_one_alone_is_written_as_ever(empty: None, sent: list[Statement]) -> None:
    assert access.write_many([made()]) == [None]
    assert sent == [records.LATER]


def test_no_other_commit_stops_waiting_for_the_disk(empty: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        access.write_many([made(), made()])
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
        cursor.execute("RESET synchronous_commit")


def test_one_that_is_refused_fails_alone(empty: None, sent: list[Statement]) -> None:
    calls = [made(**(BAD if number == 77 else {})) for number in range(200)]
    failures = access.write_many(calls)
    assert [number for number, failure in enumerate(failures) if failure] == [77]
    assert isinstance(failures[77], records.Unrecorded) and not calls[77].note.written
    assert len(written()) == 199 and all(one.note.written for one in calls if one is not calls[77])
    assert len(sent) < 20


def test_what_is_no_text_is_written_as_by_itself(empty: None) -> None:
    call(code="\udc80")
    assert access.write_many([made(), made(code="\udc80")]) == [None, None]
    assert [one.code for one in written()] == ["?", "", "?"]


def test_when_the_database_is_away_it_is_asked_once(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def away(self: Statement, values: Any) -> None:
        tries.append(self)
        raise OperationalError("away")

    call()  # the person's key is known then
    monkeypatch.setattr(Statement, "run", away)
    failures = access.write_many([made() for _ in range(200)])
    assert len(tries) == 1
    assert len({id(one) for one in failures if isinstance(one, records.Unrecorded)}) == 200


def test_a_connection_that_was_dropped_meanwhile_costs_none(empty: None) -> None:
    call()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", mine)
    other.close()
    connection.close_if_unusable_or_obsolete()  # as before each call on a thread
    assert access.write_many([made(), made()]) == [None, None]


@pytest.mark.usefixtures("history")
def test_seals_prove_them_like_any_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROWS_MAX", 3)
    access.write_many([made() for _ in range(4)])
    call()
    assert sealing.seal_all() == 2
    log = Path(configured.AUDIT_SEAL_LOG)
    report = verification.verify(chains.ACCESS, keys=signing.trusted(), log=log)
    assert (report.fault, report.rows, report.unsealed) == (None, 5, 0)
