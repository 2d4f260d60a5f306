"""Secrets move into the key ring (`config.keyring`): until now they were sealed here, under SECRET_KEY alone."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import migrations

from config import keyring

CHUNK = 500
_NONCE = 12


def move(apps: Any, schema_editor: Any) -> None:
    ciphers = [_cipher(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    for name in ("Endpoint", "Connector"):
        model = apps.get_model("integrations", name)
        for rows in _chunks(model.objects.order_by("pk")):
            model.objects.bulk_update([row for row in rows if _moved(row, ciphers)], ["secret"])


def _chunks(rows: Any) -> Iterator[list[Any]]:
    chunk = list(rows[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(rows.filter(pk__gt=chunk[-1].pk)[:CHUNK])


def _moved(row: Any, ciphers: list[AESGCM]) -> bool:
    """What no key opens stays: it could not be read before either."""
    secret = _opened(bytes(row.secret), row.pk, ciphers)
    if secret is not None:
        row.secret = keyring.seal(secret, place=f"{row._meta.db_table}.secret", row=row.pk)
    return secret is not None


def _opened(sealed: bytes, row: UUID, ciphers: list[AESGCM]) -> bytes | None:
    for cipher in ciphers:
        try:
            return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], row.bytes)
        except (InvalidTag, ValueError):
            continue
    return None


def _cipher(key: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bugwire webhook secrets")
    return AESGCM(derive.derive(key.encode()))


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_connectors")]
    operations = [migrations.RunPython(move)]
