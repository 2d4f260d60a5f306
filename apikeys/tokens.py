"""What an API key looks like and how it is kept. Pure.

`bw_live_` + 30 base62 digits (178 bits) + 6 base62 digits of the CRC32 of what stands before them: scanners
recognise a key without asking us, and junk is refused without a query. Kept as HMAC-SHA256 with a versioned pepper.
"""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from zlib import crc32

PREFIX = "bw_live_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_DIGITS, CHECK_DIGITS = 30, 6
LENGTH = len(PREFIX) + SECRET_DIGITS + CHECK_DIGITS
_PREFIXES = re.compile(re.escape(PREFIX.encode()))


def generate() -> str:
    """A new key; it is shown once and never stored."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_DIGITS))
    return body + _checksum(body)


def is_well_formed(key: str) -> bool:
    """Whether the prefix, the length and the checksum are right."""
    body, check = key[:-CHECK_DIGITS], key[-CHECK_DIGITS:]
    return len(key) == LENGTH and key.isascii() and key.startswith(PREFIX) and check == _checksum(body)


def digest(key: str, pepper: str) -> bytes:
    """What the database keeps: 32 bytes. A leaked table alone cannot confirm a guessed key."""
    return hmac.digest(pepper.encode(), key.encode(), "sha256")


def found_in(content: bytes) -> Iterator[tuple[int, str]]:
    """Every key in some text, with its place; the checksum keeps look-alikes out."""
    for start in _PREFIXES.finditer(content):
        candidate = content[start.start() : start.start() + LENGTH].decode("latin-1")
        if is_well_formed(candidate):
            yield start.start(), candidate


def hint(key: str) -> str:
    """Enough of a key to recognise it by in a list."""
    return f"{key[: len(PREFIX) + 4]}…{key[-4:]}"


def peppers(configured: Mapping[str, str], secret_keys: Sequence[str]) -> list[tuple[int, str]]:
    """Every pepper in use with its version, the one for new digests last.

    Version 0 is derived from SECRET_KEY (and from those before it), so that keys outlive the first pepper that is set.
    """
    derived = [(0, hashlib.sha256(b"bugwire api key pepper" + key.encode()).hexdigest()) for key in secret_keys]
    return derived[::-1] + sorted((int(version), pepper) for version, pepper in configured.items())


def _checksum(body: str) -> str:
    number, digits = crc32(body.encode()), ""
    for _ in range(CHECK_DIGITS):
        number, index = divmod(number, len(ALPHABET))
        digits = ALPHABET[index] + digits
    return digits
