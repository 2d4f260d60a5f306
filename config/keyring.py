"""Keys for what is encrypted at rest: a ring of them, so that one can be replaced while the old ones still open.

What is sealed is bound to its table, column and row: `seal(text, place="integrations_endpoint.secret", row=pk)`. Put
anywhere else, it does not open. Each row has a key of its own, made from the ring's (HKDF-Expand, RFC 5869), so no
nonce can meet another under one key. AES-256-GCM (NIST SP 800-38D): version (2 bytes), nonce (12), text, tag (16).
"""

import hmac
import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from config import ring

VERSION_BYTES, BLIND_BYTES = 2, 16
_NONCE = 12
Row = UUID | int | str


class Unreadable(ValueError):
    """Sealed under a key that is gone, changed since, or sealed for another place."""


def seal(plain: bytes, *, place: str, row: Row) -> bytes:
    """Encrypt under the key in use. place: `table.column`; row: the row's primary key."""
    version, bound, nonce = in_use(), _bound(place, row), os.urandom(_NONCE)
    head = version.to_bytes(VERSION_BYTES, "big")
    return head + nonce + _cipher(_ring()[version][0], bound).encrypt(nonce, plain, head + bound)


def unseal(sealed: bytes | memoryview, *, place: str, row: Row) -> bytes:
    """What `seal` was given; raises Unreadable."""
    return _opened(bytes(sealed), place, row)[1]


def resealed(sealed: bytes | memoryview, *, place: str, row: Row) -> bytes | None:
    """The same under the key in use; None when it is already. Raises Unreadable."""
    key, plain = _opened(bytes(sealed), place, row)
    return None if key == _ring()[in_use()][0] else seal(plain, place=place, row=row)


def version_of(sealed: bytes | memoryview) -> int:
    """Which key of the ring it was sealed under."""
    return int.from_bytes(bytes(sealed[:VERSION_BYTES]), "big")


def in_use() -> int:
    """The version of the key that seals."""
    return ring.in_use(settings.ENCRYPTION_KEYS, settings.ENCRYPTION_KEY_IN_USE)


def versions() -> list[int]:
    """Of all keys that open."""
    return sorted(_ring())


def is_shared() -> bool:
    """Whether several keys have the version in use, as SECRET_KEY and its fallbacks do."""
    return len(_ring()[in_use()]) > 1


def blind(text: str, *, place: str) -> bytes:
    """A keyed digest to look an encrypted text up by, under the key in use: 18 bytes, the first 2 its version."""
    return _blinded(in_use(), _ring()[in_use()][0], text, place)


def blinds(text: str, *, place: str) -> list[bytes]:
    """The same under every key of the ring: what a row may have that was not rotated yet."""
    return [_blinded(version, key, text, place) for version, keys in _ring().items() for key in keys]


def _blinded(version: int, key: bytes, text: str, place: str) -> bytes:
    digest = hmac.digest(key, b"blind\x00" + place.encode() + b"\x00" + text.encode(), "sha256")
    return version.to_bytes(VERSION_BYTES, "big") + digest[:BLIND_BYTES]


def _opened(sealed: bytes, place: str, row: Row) -> tuple[bytes, bytes]:
    """The key that opened it, and what was in it."""
    bound = _bound(place, row)
    head, nonce = sealed[:VERSION_BYTES], sealed[VERSION_BYTES : VERSION_BYTES + _NONCE]
    for key in _ring().get(version_of(sealed), ()):
        try:
            return key, _cipher(key, bound).decrypt(nonce, sealed[VERSION_BYTES + _NONCE :], head + bound)
        except (InvalidTag, ValueError):
            continue
    raise Unreadable(f"{place} of {row}")


def _bound(place: str, row: Row) -> bytes:
    return f"{place}\x00{row}".encode()


def _cipher(key: bytes, bound: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, b"seal\x00" + bound + b"\x01", "sha256"))


def _ring() -> ring.Ring:
    secret_keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return _made(tuple(settings.ENCRYPTION_KEYS.items()), secret_keys)


@lru_cache(maxsize=8)
def _made(configured: tuple[tuple[str, str], ...], secret_keys: tuple[str, ...]) -> ring.Ring:
    ring.check(dict(configured))
    return ring.made(dict(configured), secret_keys)
