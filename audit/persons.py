"""Personal fields of records: encrypted under a key of the person, which can be destroyed; the records stay."""

import os
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from audit.actors import Principal
from audit.identifiers import uuid7
from audit.models import PersonKey
from config import keyring

PLACE, OF_RECORDS = "audit_personkey.wrapped", b"audit_accessrecord.sealed\x00"
KEPT_SECONDS, KEPT_MAX = 60.0, 10_000  # so long a process goes on with a key that was destroyed meanwhile
NONCE, KEY_BYTES, TRIES = 12, 32, 5
_FIND = "SELECT id, wrapped FROM audit_personkey WHERE person = %s ORDER BY id DESC LIMIT %s"
_MAKE = "INSERT INTO audit_personkey (id, person, wrapped, created_at) VALUES (%s, %s, %s, now())"


class Key(NamedTuple):
    id: UUID
    cipher: AESGCM
    until: float


_kept: dict[str, Key] = {}


def name_of(principal: Principal | None, moment: datetime) -> str:
    """Whose fields they are: a person has one name in sessions and keys. Who is unknown shares one with the month."""
    if principal is None:
        return f"anonymous:{moment:%Y-%m}"
    return f"user:{principal.user_id}" if principal.user_id else principal.label


def seal(person: str, record_id: UUID, fields: Mapping[str, Any]) -> tuple[UUID, bytes]:
    """The fields under the person's key: its id and the bytes, which open for this record alone."""
    key = _kept.get(person)
    if key is None or key.until < time.monotonic():
        key = _keep(person, _find(person) or _make(person))
    nonce = os.urandom(NONCE)
    return key.id, nonce + key.cipher.encrypt(nonce, orjson.dumps(fields), OF_RECORDS + record_id.bytes)


def opened(records: Iterable[tuple[UUID, UUID | None, Any]]) -> dict[UUID, dict[str, Any]]:
    """Of (record id, key id, sealed): the fields of those whose key is still there, by record id."""
    rows = [row for row in records if row[1] and row[2]]
    wanted = PersonKey.objects.filter(pk__in={key_id for _, key_id, _ in rows})
    ciphers = {pk: _cipher(pk, wrapped) for pk, wrapped in wanted.values_list("pk", "wrapped")}
    found = {}
    for record_id, key_id, sealed in rows:
        fields = _open(ciphers.get(key_id or record_id), record_id, bytes(sealed))
        if fields is not None:
            found[record_id] = fields
    return found


def forget_kept() -> None:
    """This process forgets the keys that it has at hand."""
    _kept.clear()


def _open(cipher: AESGCM | None, record_id: UUID, sealed: bytes) -> dict[str, Any] | None:
    if cipher is None:
        return None
    try:
        plain = cipher.decrypt(sealed[:NONCE], sealed[NONCE:], OF_RECORDS + record_id.bytes)
    except (InvalidTag, ValueError):
        return None
    return dict(orjson.loads(plain))


def _keep(person: str, found: tuple[UUID, AESGCM]) -> Key:
    if len(_kept) >= KEPT_MAX:
        _kept.clear()
    _kept[person] = Key(*found, time.monotonic() + KEPT_SECONDS)
    return _kept[person]


def _find(person: str) -> tuple[UUID, AESGCM] | None:
    """The newest one that opens: when the ring lost its key, the next one is used, and the old one kept."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [person, TRIES])
        for key_id, wrapped in cursor.fetchall():
            cipher = _cipher(key_id, wrapped)
            if cipher:
                return key_id, cipher
    return None


def _make(person: str) -> tuple[UUID, AESGCM]:
    """On a connection of its own: it must stay when the call's transaction is rolled back."""
    key_id, key = uuid7(), os.urandom(KEY_BYTES)
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(_MAKE, [key_id, person[:80], keyring.seal(key, place=PLACE, row=key_id)])
    finally:
        own.close()
    return key_id, AESGCM(key)


def _cipher(key_id: UUID, wrapped: Any) -> AESGCM | None:
    try:
        return AESGCM(keyring.unseal(wrapped, place=PLACE, row=key_id))
    except keyring.Unreadable:
        return None
