"""Floods of refused calls are counted: none is lost, and memory is bounded."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from audit import access, persons, records, refusals
from audit.models import AccessRecord

API = "/api/v1/"
ROOT = Path(__file__).resolve().parents[2]


def personal(record: AccessRecord) -> dict[str, Any]:
    return persons.opened([(record.pk, record.person, record.sealed)])[record.pk]


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "LIMIT", 100)
    monkeypatch.setattr(refusals, "_start", lambda: None)


@pytest.mark.django_db(transaction=True)
def test_past_a_hundred_a_minute_refusals_are_counted_and_none_is_lost(api: Any, counting: None, db: None) -> None:
    client = api()
    for number in range(260):
        client.get(f"{API}bugs/" if number % 2 else f"{API}errors/")
    assert AccessRecord.objects.count() == 100
    refusals.flush()
    counted = AccessRecord.objects.filter(count__gt=1).order_by("operation")
    assert list(counted.values_list("operation", "status", "code", "count", "actor")) == [
        ("bugs_list", 401, "no_credentials", 80, "anonymous"),
        ("errors_list", 401, "no_credentials", 80, "anonymous"),
    ]
    assert personal(counted[0])["ip"] == "127.0.0.1"
    refusals.flush()
    assert AccessRecord.objects.count() == 102


@pytest.mark.django_db(transaction=True)
def test_what_is_allowed_is_never_counted(api: Any, bug: Any, counting: None) -> None:
    nobody, bob = api(), api("bob")
    for _ in range(120):
        nobody.get(f"{API}bugs/")
    before = AccessRecord.objects.count()
    bob.get(f"{API}bugs/")
    bob.get("/nothing/", REMOTE_ADDR="198.51.100.9")
    assert AccessRecord.objects.count() == before + 2


def no_disk(*_: Any, **__: Any) -> None:
    raise OperationalError("no space left on device")


@pytest.mark.django_db(transaction=True)
def test_a_failed_flush_keeps_its_counts_and_refuses_to_count_more(
    api: Any, counting: None, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api()
    for _ in range(103):
        client.get(f"{API}bugs/")
    with monkeypatch.context() as broken:
        broken.setattr(records, "insert", no_disk)
        refusals.flush()
        assert client.get(f"{API}bugs/").status_code == 503
    refusals.flush()
    assert AccessRecord.objects.get(count__gt=1).count == 3


def test_sources_and_kinds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "LIMIT", 1)
    monkeypatch.setattr(refusals, "SOURCES_MAX", 10)
    monkeypatch.setattr(refusals, "KINDS_MAX", 5)
    monkeypatch.setattr(refusals, "_start", lambda: None)
    written: list[int] = []
    alone = 0
    for number in range(1_000):
        kind = refusals.Kind(f"198.51.100.{number}", "anonymous", "rest", str(number), "GET", "", 401, "")
        alone += not refusals.count(kind, written.append)
    assert len(refusals._state.seen) <= 11 and len(refusals._state.waiting) <= 6
    refusals.flush()
    assert alone + sum(written) == 1_000 and alone == 11


@pytest.mark.django_db(transaction=True)
def test_who_is_turned_away_at_the_door_is_counted(counting: None) -> None:
    environ = {"PATH_INFO": f"{API}bugs/", "REQUEST_METHOD": "GET", "REMOTE_ADDR": "203.0.113.9"}
    for _ in range(3):
        access.count_turned_away(environ, status=503, code="overloaded")
    refusals.flush()
    record = AccessRecord.objects.get()
    assert (record.channel, record.status, record.code, record.outcome) == ("rest", 503, "overloaded", "refused")
    assert record.count == 3 and personal(record)["ip"] == "203.0.113.9"


_PROGRAM = """
import time
from audit import refusals
refusals.LIMIT, refusals.FLUSH_SECONDS = 0, {seconds}
for number in range(7):
    refusals.count(refusals.Kind("", "", "", "", "", "", 401, ""), lambda count: print("written", count, flush=True))
{then}
"""


@pytest.mark.parametrize(
    ("seconds", "then"), [(0.2, "time.sleep(1)"), (60, ""), (60, "raise SystemExit(1)"), (60, "1 / 0")]
)
def test_what_was_counted_is_written_soon_and_at_the_end(seconds: float, then: str) -> None:
    argv = [sys.executable, "-c", _PROGRAM.format(seconds=seconds, then=then)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=50, cwd=ROOT)
    assert done.stdout == "written 7\n"
