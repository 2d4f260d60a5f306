"""Secrets at rest: encrypted under SECRET_KEY and bound to their row, so a copied column opens nothing."""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


class Unreadable(ValueError):
    """Sealed under a key that is gone, or for another row."""


def seal(secret: str, *, row: UUID) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, secret.encode(), row.bytes)


def unseal(sealed: bytes, *, row: UUID) -> str:
    """Raises Unreadable. Keys of SECRET_KEY_FALLBACKS still open what they sealed."""
    sealed = bytes(sealed)
    for key in [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]:
        try:
            return _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], row.bytes).decode()
        except (InvalidTag, ValueError):
            continue
    raise Unreadable(str(row))


def _cipher(key: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bugwire webhook secrets")
    return AESGCM(derive.derive(key.encode()))
