"""`audit_verify` and what it says; keys that come and go."""

import base64
import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import chains, sealing, signing
from audit.models import AccessRecord, Seal
from tests.audit.conftest import as_superuser, call

pytestmark = pytest.mark.usefixtures("history")


def verify(*arguments: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("audit_verify", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return f"{out.getvalue()}{err.getvalue()}{error}"
    return f"{out.getvalue()}{err.getvalue()}"


def seal(count: int = 1) -> None:
    for _ in range(count):
        call()
    sealing.seal_all()


def test_what_is_as_it_was_is_told_in_figures() -> None:
    seal(3)
    seal(2)
    call()
    said = verify("--chain", "access")
    assert "access: 5 rows in 2 seals (1 to 2; 0 pruned, 2 in the log), 1 rows not sealed yet" in said
    assert "events" not in said


def test_the_row_that_was_changed_is_named() -> None:
    seal(5)
    row = AccessRecord.objects.order_by("seq")[3]
    as_superuser("UPDATE audit_accessrecord SET status = 500 WHERE id = %s", [row.pk])
    said = verify()
    assert f"access: edited: row {row.pk}. It is not what was sealed at place 4 of 5 in seal 1." in said
    assert "History is not as it was sealed." in said


def test_the_row_before_a_missing_one_is_named() -> None:
    seal(5)
    rows = list(AccessRecord.objects.order_by("seq"))
    as_superuser("DELETE FROM audit_accessrecord WHERE id = %s", [rows[3].pk])
    assert f"deleted: the row after {rows[2].pk}. A row is missing at place 4 of 5 in seal 1." in verify()


def test_a_row_without_a_seal_for_too_long_is_a_fault() -> None:
    call()
    as_superuser("UPDATE audit_accessrecord SET occurred_at = now() - interval '2 minutes'")
    assert f"unsealed: row {AccessRecord.objects.get().pk}" in verify()


def test_a_row_from_the_future_is_a_fault() -> None:
    seal()
    call()
    row = AccessRecord.objects.order_by("-seq")[0]
    as_superuser("UPDATE audit_accessrecord SET xid = xid + 1000000 WHERE id = %s", [row.pk])
    assert f"inserted: row {row.pk}. It claims a transaction that has not been yet." in verify()


def test_only_what_was_sealed_since_a_time_is_read() -> None:
    seal(2)
    seal(3)
    first, second = Seal.objects.order_by("number")
    assert "3 rows in 1 seals (2 to 2;" in verify("--since", second.sealed_at.isoformat())
    assert "0 rows in 0 seals" in verify("--since", (timezone.now() + timedelta(days=1)).date().isoformat())
    as_superuser("UPDATE audit_accessrecord SET status = 1 WHERE seq <= %s", [first.last_seq])
    assert "History is not" not in verify("--since", second.sealed_at.isoformat())
    assert "History is not" in verify("--since", "2020-01-01")


def test_what_is_no_time_is_told() -> None:
    assert "yesterday is no time" in verify("--since", "yesterday")


def test_without_the_log_the_end_is_not_known_and_that_is_said() -> None:
    seal()
    Path(_log()).unlink()
    assert "There is no seal log at" in verify() and "no log" in verify()
    assert "There is no file /nowhere." in verify("--seal-log", "/nowhere")


def test_an_outsider_needs_nothing_but_the_public_key() -> None:
    seal()
    assert "1 rows in 1 seals" in verify("--public-key", signing.encoded(signing.public_key()))
    other = base64.b64encode(bytes(32)).decode()
    assert "unknown_key: seal 1." in verify("--public-key", other)


def test_a_seal_of_a_newer_release_is_not_taken_for_one_of_this(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(chains, "FORMAT", 2)
        seal()
    said = verify("--chain", "access")
    assert "unknown_format: seal 1. It has the format 2, which a newer release wrote; this one reads 1." in said


def test_what_an_old_key_signed_stays_good(settings: Any) -> None:
    seal()
    (Path(settings.DATA_DIR) / signing.KEY_FILE).unlink()
    signing._read.cache_clear()
    seal()
    assert len(set(Seal.objects.values_list("key_id", flat=True))) == 2
    assert "2 rows in 2 seals" in verify() and "History is not" not in verify()


def test_a_key_from_the_environment_signs_and_its_forerunners_are_named_there(settings: Any) -> None:
    seal()
    old = signing.encoded(signing.public_key())
    settings.AUDIT_SIGNING_KEY = base64.b64encode(os.urandom(32)).decode()
    (Path(settings.DATA_DIR) / signing.PUBLIC_KEYS_FILE).unlink()
    seal()
    assert "unknown_key: seal 1." in verify()
    settings.AUDIT_PUBLIC_KEYS = [old]
    assert "History is not" not in verify()


@pytest.mark.parametrize("text", ["short", base64.b64encode(bytes(31)).decode(), "é" * 44])
def test_a_key_that_is_none_is_refused(settings: Any, text: str) -> None:
    settings.AUDIT_SIGNING_KEY = text
    with pytest.raises(ImproperlyConfigured, match="openssl rand -base64 32"):
        signing.sign(b"x")


def test_the_key_file_is_for_its_owner_alone_and_made_once(settings: Any) -> None:
    signing._read.cache_clear()
    public = signing.public_key()
    path = Path(settings.DATA_DIR) / signing.KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert signing.make_key(Path(settings.DATA_DIR)) == text.strip()
    assert signing.verify(b"x", signing.sign(b"x"), public) and not signing.verify(b"y", signing.sign(b"x"), public)


def _log() -> str:
    from django.conf import settings

    return str(settings.AUDIT_SEAL_LOG)
