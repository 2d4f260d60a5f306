"""`manage.py rotate_keys`: afterwards the old key can go."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections, models, transaction
from django.utils import timezone

from audit.identifiers import uuid7
from bugs.ingest import sealing
from bugs.models import Arrival, Authenticator, Reporter
from bugs.models.authenticators import SECRET_PLACE
from bugs.services import reporters
from config import keyring, rotation, sealed
from integrations import services
from integrations.models import Endpoint

ONE, TWO = "b3d1a06f3c9e4f0d8c2f7b56d9e01a74", "Zk8-xq2Lw_0vTn5Rb7Yc1Hd4Jf6Mg9Ps"
# Binary columns that are no secrets, or are none of the ring's.
NOT_SEALED = {
    "apikeys_apikey.digest": "a keyed digest",
    "apikeys_storedanswer.name": "a digest",
    "apikeys_storedanswer.fingerprint": "a digest",
    "apikeys_storedanswer.body": "an answer without secrets, of a day",
    "audit_accessrecord.sealed": "under a key of the person, which audit_personkey.wrapped holds",
    "audit_seal.root": "a digest",
    "audit_seal.previous": "a digest",
    "audit_seal.signature": "public",
    "audit_sealleaves.hashes": "digests",
    "audit_pruning.signature": "public",
    "bugs_failedsignins.who": "a keyed digest, of minutes",
    "bugs_errorreport.payload": "the redacted report, compressed",
    "bugs_payloaddictionary.data": "what redacted reports have in common",
}  # fmt: skip


def _rotate(**options: Any) -> str:
    said = io.StringIO()
    call_command("rotate_keys", stdout=said, **options)
    return said.getvalue()


def _endpoints(project: Any, number: int) -> dict[Any, bytes]:
    """Rows by primary key, with their secrets."""
    made = {uuid7(): f"whsec_{position}".encode() for position in range(number)}
    Endpoint.objects.bulk_create(
        Endpoint(pk=pk, project=project, url="https://example.org/", secret=_sealed(pk, text))
        for pk, text in made.items()
    )
    return made


def _sealed(pk: Any, text: bytes) -> bytes:
    return keyring.seal(text, place=Endpoint.PLACE, row=pk)


def _opened() -> dict[Any, bytes]:
    found = Endpoint.objects.values_list("pk", "secret")
    return {pk: keyring.unseal(secret, place=Endpoint.PLACE, row=pk) for pk, secret in found}


@pytest.fixture
def turn(settings: Any) -> Callable[[], None]:
    """Begins with key 1; turning brings key 2 beside it."""
    settings.ENCRYPTION_KEYS = {"1": ONE}

    def next_key() -> None:
        settings.ENCRYPTION_KEYS = {"1": ONE, "2": TWO}

    return next_key


def test_the_old_key_can_go(web: Any, turn: Callable[[], None], settings: Any) -> None:
    made = _endpoints(web, 2 * rotation.PAGE + 3)
    turn()
    said = _rotate()
    assert f"{Endpoint.PLACE}: {len(made):,} sealed anew" in said
    assert "Nothing is sealed under version 1 any more: it can be taken out of ENCRYPTION_KEYS." in said
    settings.ENCRYPTION_KEYS = {"2": TWO}
    assert _opened() == made


@pytest.mark.parametrize("number", [0, 1, rotation.PAGE - 1, rotation.PAGE, rotation.PAGE + 1])
def test_pages_leave_no_row_out(web: Any, turn: Callable[[], None], number: int) -> None:
    _endpoints(web, number)
    turn()
    _rotate()
    assert {keyring.version_of(secret) for secret in Endpoint.objects.values_list("secret", flat=True)} <= {2}


def test_a_dry_run_counts_and_changes_nothing(web: Any, turn: Callable[[], None]) -> None:
    _endpoints(web, 3)
    before = list(Endpoint.objects.values_list("secret", flat=True).order_by("pk"))
    turn()
    said = _rotate(dry_run=True)
    assert "3 are sealed under version 1." in said and "Nothing is sealed under version 1" not in said
    assert [bytes(one) for one in before] == [
        bytes(one) for one in Endpoint.objects.values_list("secret", flat=True).order_by("pk")
    ]


def test_a_second_run_finds_nothing_to_do(web: Any, turn: Callable[[], None]) -> None:
    _endpoints(web, 3)
    turn()
    _rotate()
    assert "sealed anew" not in _rotate()


def test_a_run_that_was_stopped_goes_on(web: Any, turn: Callable[[], None]) -> None:
    _endpoints(web, rotation.PAGE + 5)
    turn()
    column = next(one for one in rotation.columns() if one.place == Endpoint.PLACE)
    next(rotation.rotate(column))
    assert f"{Endpoint.PLACE}: 5 sealed anew" in _rotate()


def test_former_secret_keys_can_go_too(web: Any, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {}
    made = _endpoints(web, 3)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key of thirty-two characters"
    made |= _endpoints(web, 2)
    assert "encryption needs SECRET_KEY_FALLBACKS no more" in _rotate()
    settings.SECRET_KEY_FALLBACKS = []
    assert _opened() == made


def test_what_no_key_opens_is_named_and_kept(web: Any, turn: Callable[[], None]) -> None:
    (lost,), kept = _endpoints(web, 1), _endpoints(web, 2)
    Endpoint.objects.filter(pk=lost).update(secret=b"\x00\x01" + b"x" * 40)
    turn()
    said = io.StringIO()
    with pytest.raises(CommandError, match="1 could not be opened"):
        call_command("rotate_keys", stdout=said)
    assert f"No key of the ring opens {Endpoint.PLACE} of {lost}." in said.getvalue()
    assert "Nothing is sealed under version 1" not in said.getvalue()
    Endpoint.objects.filter(pk=lost).delete()
    assert _opened() == kept


def test_who_told_of_a_bug_is_found_before_during_and_after(web: Any, turn: Callable[[], None], settings: Any) -> None:
    dora = reporters.named(web.pk, "dora@example.org")
    turn()
    assert reporters.named(web.pk, "dora@example.org") == dora
    _rotate()
    settings.ENCRYPTION_KEYS = {"2": TWO}
    assert reporters.named(web.pk, "dora@example.org") == dora
    assert Reporter.objects.count() == 1


def test_rows_with_numbers_are_sealed_anew(join: Any, turn: Callable[[], None]) -> None:
    made = Authenticator.objects.create(user=join("alice", None), name="phone", secret=b"")
    made.secret = keyring.seal(b"secret", place=SECRET_PLACE, row=made.pk)
    made.save()
    turn()
    assert f"{SECRET_PLACE}: 1 sealed anew" in _rotate()
    made.refresh_from_db()
    assert made.plain_secret() == b"secret" and keyring.version_of(made.secret) == 2


def test_rows_that_are_not_sealed_are_left_alone(web: Any, turn: Callable[[], None]) -> None:
    came: dict[str, Any] = {"project_id": web.pk, "size": 9, "received_at": timezone.now()}
    plain = Arrival.objects.create(**came, encoding="gzip", body=b"as it was")
    row = uuid7()
    text = sealing.seal(row, encoding="gzip", peer="203.0.113.9", body=b"as it was")
    Arrival.objects.create(**came, id=row, encoding=sealing.SEALED, body=text)
    turn()
    assert "bugs_arrival.body: 1 sealed anew, 0 cannot be opened" in _rotate()
    plain.refresh_from_db()
    assert bytes(plain.body) == b"as it was"
    assert sealing.unseal(row, Arrival.objects.get(pk=row).body).body == b"as it was"


@pytest.mark.django_db(transaction=True)
def test_a_row_that_someone_works_with_is_not_waited_for(web: Any, turn: Callable[[], None]) -> None:
    busy, *_ = _endpoints(web, 2)
    turn()
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM integrations_endpoint WHERE id = %s FOR UPDATE", [busy])
        with pytest.raises(CommandError, match="rows are locked"):
            _rotate()
    finally:
        other.rollback()
        other.close()
    assert "1 sealed anew" in _rotate()


def test_changes_of_a_row_meanwhile_are_kept(web: Any, turn: Callable[[], None], as_principal: Any) -> None:
    endpoint, secret = services.create_endpoint(
        project_id=web.pk, url="https://example.org/", event_types=["bug.*"], by=as_principal("alice")
    )
    turn()
    services.update_endpoint(endpoint.pk, changes={"description": "shop"}, by=as_principal("alice"))
    _rotate()
    endpoint.refresh_from_db()
    assert endpoint.description == "shop" and _opened() == {endpoint.pk: secret.encode()}


def test_large_rows_are_taken_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "CHUNK_BYTES", 10)
    chunks = rotation._chunks([(1, 4), (2, 6), (3, 1), (4, 99), (5, 1)])
    assert list(chunks) == [[1, 2], [3], [4], [5]]


def test_every_binary_column_is_rotated_or_is_known_to_need_none() -> None:
    ours = {"audit", "bugs", "apikeys", "exports", "integrations", "streaming"}
    binary = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model._meta.app_label in ours
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField)
    }
    blind = {f"{place.partition('.')[0]}.{more['blind']}" for place, more in sealed.COLUMNS.items() if "blind" in more}
    assert binary == {*sealed.COLUMNS, *blind, *NOT_SEALED}


@pytest.mark.usefixtures("db")
def test_every_sealed_column_is_there() -> None:
    for column in rotation.columns():
        with transaction.atomic(), connection.cursor() as cursor:
            table, name = column.place.split(".")
            cursor.execute(f"SELECT {name} FROM {table} WHERE {column.where} LIMIT 1")
