"""What an API key looks like and how it is kept. Pure.

`bw_live_` + 30 base62 digits (178 bits) + 6 base62 digits of the CRC32 of what stands before them: scanners
recognise a key without asking us, and junk is refused without a query. Kept as HMAC-SHA256 with a versioned pepper.
"""

import hashlib
import hmac
import secrets
import string
from collections.abc import Mapping
from zlib import crc32

PREFIX = "bw_live_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_DIGITS, CHECK_DIGITS = 30, 6


def generate() -> str:
    """A new key; it is shown once and never stored."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_DIGITS))
    return body + _checksum(body)


def is_well_formed(key: str) -> bool:
    """Whether the prefix, the length and the checksum are right."""
    body, check = key[:-CHECK_DIGITS], key[-CHECK_DIGITS:]
    right_length = len(key) == len(PREFIX) + SECRET_DIGITS + CHECK_DIGITS
    return right_length and key.isascii() and key.startswith(PREFIX) and check == _checksum(body)


def digest(key: str, pepper: str) -> bytes:
    """What the database keeps: 32 bytes. A leaked table alone cannot confirm a guessed key."""
    return hmac.digest(pepper.encode(), key.encode(), "sha256")


def hint(key: str) -> str:
    """Enough of a key to recognise it by in a list."""
    return f"{key[: len(PREFIX) + 4]}…{key[-4:]}"


def peppers(configured: Mapping[str, str], secret_key: str) -> dict[int, str]:
    """Peppers by version, the newest last; without configuration one is derived from SECRET_KEY."""
    if configured:
        return {int(version): pepper for version, pepper in sorted(configured.items(), key=lambda item: int(item[0]))}
    return {0: hashlib.sha256(b"bugwire api key pepper" + secret_key.encode()).hexdigest()}


def _checksum(body: str) -> str:
    number, digits = crc32(body.encode()), ""
    for _ in range(CHECK_DIGITS):
        number, index = divmod(number, len(ALPHABET))
        digits = ALPHABET[index] + digits
    return digits
