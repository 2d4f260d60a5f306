"""The audit log's own signature (Ed25519): made with a key that is never in the database, checked by anybody."""

import base64
import binascii
import contextlib
import os
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_FILE, PUBLIC_KEYS_FILE = "audit_signing_key", "audit_public_keys"
KEY_BYTES = 32  # of either half


def sign(message: bytes) -> bytes:
    """64 bytes that only who holds the key can make."""
    return _private(seed()).sign(message)


def verify(message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the holder of this public key signed exactly that message."""
    try:
        _public(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key() -> bytes:
    """The public half of the key that signs now."""
    return _private(seed()).public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """What a seal calls its key."""
    return sha256(public).hexdigest()[:16]


def trusted(given: Iterable[str] = ()) -> dict[str, bytes]:
    """Public keys by id. Those that are given alone, or the present one and those that came before it."""
    texts = list(given) or [*settings.AUDIT_PUBLIC_KEYS, *_written()]
    keys = [_decoded(text, "a public key of the audit log") for text in texts]
    with contextlib.suppress(ImproperlyConfigured):
        keys += [] if given else [public_key()]
    return {key_id(key): key for key in keys}


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


def seed() -> bytes:
    """The private key: the setting, else the file beside the data, which is made when there is none."""
    return _read(settings.AUDIT_SIGNING_KEY, str(settings.DATA_DIR))


@lru_cache(maxsize=8)
def _read(configured: str, data_dir: str) -> bytes:
    return _decoded(configured or make_key(Path(data_dir)), "AUDIT_SIGNING_KEY")


def make_key(data_dir: Path) -> str:
    """The text of the key file. A new key's public half is written down beside it, where old ones stay."""
    path = data_dir / KEY_FILE
    if not path.exists():
        fresh = os.urandom(KEY_BYTES)
        if _write_once(path, encoded(fresh)):
            with (data_dir / PUBLIC_KEYS_FILE).open("a") as file:
                file.write(encoded(_private(fresh).public_key().public_bytes_raw()) + "\n")
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> bool:
    """Whole, for this user alone, and never over what another process wrote first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        Path(fresh).unlink()
    return True


def _written() -> list[str]:
    try:
        return (Path(settings.DATA_DIR) / PUBLIC_KEYS_FILE).read_text().split()
    except FileNotFoundError:
        return []


def _decoded(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name} must be {KEY_BYTES} random bytes in base64: openssl rand -base64 32")
    return key


@lru_cache(maxsize=8)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=64)
def _public(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)
