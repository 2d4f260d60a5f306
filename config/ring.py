"""The keys of encryption by version: read from the environment or a file, checked, and made ready."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

FROM_SECRET_KEY = 0  # the version of the key that SECRET_KEY gives
SHORTEST, FEWEST_DIFFERENT, HIGHEST = 32, 8, 2**16 - 1
Ring = dict[int, tuple[bytes, ...]]


def read(text: str, file: str) -> dict[str, str]:
    """Keys by version, `version=key` in lines or separated by commas. Raises ImproperlyConfigured."""
    if text and file:
        raise ImproperlyConfigured("Set ENCRYPTION_KEYS or ENCRYPTION_KEYS_FILE, not both.")
    keys: dict[str, str] = {}
    for entry in filter(None, map(str.strip, re.split("[,\n]", _content(file) if file else text))):
        version, key = (part.strip() for part in entry.partition("=")[::2])
        if version in keys:
            raise ImproperlyConfigured(f"ENCRYPTION_KEYS names version {version} twice.")
        keys[version] = key
    check(keys)
    return keys


def check(configured: Mapping[str, str]) -> None:
    """Raises ImproperlyConfigured, with a sentence that shows no key."""
    for version, key in configured.items():
        if not (version.isascii() and version.isdigit() and version[0] != "0" and int(version) <= HIGHEST):
            raise ImproperlyConfigured(
                f"ENCRYPTION_KEYS is a list of version=key; a version is a number from 1 to {HIGHEST}, "
                "and there are no commas in a key."
            )
        if len(key) < SHORTEST or len(set(key)) < FEWEST_DIFFERENT:
            raise ImproperlyConfigured(
                f"The key of version {version} in ENCRYPTION_KEYS is too weak: it must be {SHORTEST} random characters "
                "or more, such as `openssl rand -hex 32` prints."
            )


def in_use(configured: Mapping[str, str], wanted: int) -> int:
    """The version that seals: the wanted one, else the newest. Raises ImproperlyConfigured."""
    if wanted and str(wanted) not in configured:
        raise ImproperlyConfigured(f"ENCRYPTION_KEY_IN_USE is {wanted}, and ENCRYPTION_KEYS has no such version.")
    return wanted or max(map(int, configured), default=FROM_SECRET_KEY)


def made(configured: Mapping[str, str], secret_keys: Sequence[str]) -> Ring:
    """All keys that open, by version; the first of a version seals.

    Version 0 is made from SECRET_KEY and its fallbacks, also beside configured keys: what it sealed still opens.
    """
    from_secret_keys = tuple(_digest("bugwire encryption key\x00" + key) for key in secret_keys)
    return {FROM_SECRET_KEY: from_secret_keys} | {int(version): (_digest(key),) for version, key in configured.items()}


def _content(file: str) -> str:
    try:
        return Path(file).read_text()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(f"ENCRYPTION_KEYS_FILE names {file}, which cannot be read.") from None


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
