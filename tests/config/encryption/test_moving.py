"""Secrets of webhooks and connectors came from a box of their own into the ring, by a migration."""

import importlib
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps

from config import keyring
from integrations.models import Connector, Endpoint

moving = importlib.import_module("integrations.migrations.0004_keyring")


def _sealed_before(secret: str, row: Any, key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bugwire webhook secrets").derive(key.encode())
    nonce = os.urandom(12)
    return nonce + AESGCM(derived).encrypt(nonce, secret.encode(), row.bytes)


def _secret(row: Any) -> str:
    row.refresh_from_db()
    return keyring.unseal(row.secret, place=row.PLACE, row=row.pk).decode()


def test_what_any_secret_key_had_sealed_is_in_the_ring(web: Any, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(moving, "CHUNK", 2)
    settings.SECRET_KEY_FALLBACKS = ["a former key of thirty-two characters"]
    made: list[Any] = [Endpoint(project=web, url="https://example.org/") for _ in range(5)]
    made += [Connector(project=web, kind="github")]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    for number, row in enumerate(made):
        row.secret = _sealed_before(f"secret {number}", row.pk, keys[number % 2])
        row.save(force_insert=True)
    moving.move(apps, None)
    assert [_secret(row) for row in made] == [f"secret {number}" for number in range(6)]


def test_what_no_key_opens_stays(web: Any) -> None:
    row = Endpoint(project=web, url="https://example.org/")
    row.secret = kept = _sealed_before("secret", row.pk, "a key that is gone")
    row.save(force_insert=True)
    moving.move(apps, None)
    row.refresh_from_db()
    assert bytes(row.secret) == kept
