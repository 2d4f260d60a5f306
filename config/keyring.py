"""Keys for what is encrypted at rest: a ring of them, so that one can be replaced while the old ones still open.

What is sealed is bound to its table, column and row: `seal(text, place="integrations_endpoint.secret", row=pk)`. Put
anywhere else, it does not open. Each row has a key of its own, made from the ring's (HKDF-Expand, RFC 5869), so no
nonce can meet another under one key. AES-256-GCM (NIST SP 800-38D): 2 bytes version, 12 bytes nonce, text, 16 bytes tag.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION, _NONCE, BLIND_BYTES = 2, 12, 16
Row = UUID | int | str


class Unreadable(ValueError):
    """Sealed under a key that is gone, changed since, or sealed for another place."""


def seal(plain: bytes, *, place: str, row: Row) -> bytes:
    """Encrypt under the newest key of the ring. place: `table.column`; row: the row's primary key."""
    version, bound, nonce = newest(), _bound(place, row), os.urandom(_NONCE)
    head = version.to_bytes(_VERSION, "big")
    return head + nonce + _cipher(version, bound).encrypt(nonce, plain, head + bound)


def unseal(sealed: bytes | memoryview, *, place: str, row: Row) -> bytes:
    """What `seal` was given; raises Unreadable."""
    sealed, bound = bytes(sealed), _bound(place, row)
    head, nonce, text = sealed[:_VERSION], sealed[_VERSION : _VERSION + _NONCE], sealed[_VERSION + _NONCE :]
    try:
        return _cipher(version_of(sealed), bound).decrypt(nonce, text, head + bound)
    except (InvalidTag, KeyError, ValueError):
        raise Unreadable(f"{place} of {row}") from None


def version_of(sealed: bytes | memoryview) -> int:
    """Which key of the ring it was sealed under."""
    return int.from_bytes(bytes(sealed[:_VERSION]), "big")


def newest() -> int:
    return max(_ring())


def blind(text: str, *, place: str) -> bytes:
    """A keyed digest to look an encrypted text up by, under the newest key: 18 bytes, the first 2 its version."""
    return _blinded(newest(), text, place)


def blinds(text: str, *, place: str) -> list[bytes]:
    """The same under every key of the ring: what a row may have that was not rotated yet."""
    return [_blinded(version, text, place) for version in _ring()]


def _blinded(version: int, text: str, place: str) -> bytes:
    digest = hmac.digest(_ring()[version], b"blind\x00" + place.encode() + b"\x00" + text.encode(), "sha256")
    return version.to_bytes(_VERSION, "big") + digest[:BLIND_BYTES]


def _bound(place: str, row: Row) -> bytes:
    return f"{place}\x00{row}".encode()


def _cipher(version: int, bound: bytes) -> AESGCM:
    return AESGCM(hmac.digest(_ring()[version], b"seal\x00" + bound + b"\x01", "sha256"))


def _ring() -> dict[int, bytes]:
    return ring(tuple(sorted(settings.ENCRYPTION_KEYS.items())), settings.SECRET_KEY)


@lru_cache(maxsize=8)
def ring(configured: tuple[tuple[str, str], ...], secret_key: str) -> dict[int, bytes]:
    """Keys by version; without configuration there is one, of version 0, made from SECRET_KEY.

    Both are kept side by side: what was sealed before keys were configured still opens.
    """
    keys = {0: hashlib.sha256(b"bugwire encryption key\x00" + secret_key.encode()).digest()}
    return keys | {int(version): hashlib.sha256(key.encode()).digest() for version, key in _checked(dict(configured))}


def _checked(configured: Mapping[str, str]) -> list[tuple[str, str]]:
    for version, key in configured.items():
        if not version.isdigit() or not 0 < int(version) < 2**16 or len(key) < 32:
            raise ValueError("ENCRYPTION_KEYS is version=key,…: versions from 1 on, keys of 32 random characters or more.")
    return list(configured.items())
