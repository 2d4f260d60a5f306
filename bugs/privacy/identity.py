"""Who a person is to those who know them by an address or a name: one spelling of it, and a promise of it. Pure."""

import base64
import hashlib
import html
import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote
from uuid import UUID

IDENTITY_MAX = 254  # an e-mail address (RFC 5321)
_AT = re.compile(r"\s*[\[({]\s*at\s*[\])}]\s*")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who is to be forgotten.

    given: an address or a name as it was given. names: other texts that say who it is. user_id: their account, when it
    is to go as well.
    """

    given: str
    names: tuple[str, ...] = ()
    user_id: int | None = None

    def is_meant_by(self, text: str) -> bool:
        """Whether a text is about this person, or has them in it."""
        known = [re.compile(rf"(?<!\w){re.escape(normalized(one))}(?!\w)") for one in (self.given, *self.names)]
        return any(one.search(reading) for reading in _readings(text) for one in known)


@dataclass(frozen=True, slots=True)
class Step:
    """What one chunk of forgetting did. last: from where the next one goes on; None when nothing is left."""

    last: UUID | None
    rows: int = 0


def normalized(identity: str) -> str:
    """One spelling for what people write in many: compatible characters, no case, no spaces around."""
    return unicodedata.normalize("NFKC", identity).strip().casefold()


def _readings(text: str) -> Iterator[str]:
    """A text as it stands, and as what it stands for: detectors find addresses in all of these, so this must too."""
    yield normalized(text)
    plain = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), plain)
    yield _AT.sub("@", normalized(unquote(html.unescape(plain))))
    for packed in _PACKED.findall(text):
        padded = packed.rstrip("=").translate(str.maketrans("-_", "+/"))
        padded = padded[: len(padded) - (len(padded) % 4 == 1)]
        yield normalized(base64.b64decode(padded + "=" * (-len(padded) % 4)).decode("utf-8", "ignore"))


def promise(identity: str) -> dict[str, str]:
    """Salt and SHA-256 of salt and identity: shows who was meant to those who know it, and to nobody else."""
    salt = secrets.token_hex(16)
    return {"salt": salt, "sha256": _digest(salt, identity)}


def keeps(promised: dict[str, str], identity: str) -> bool:
    """Whether it is this identity that was promised."""
    return secrets.compare_digest(promised["sha256"], _digest(promised["salt"], identity))


def _digest(salt: str, identity: str) -> str:
    return hashlib.sha256(f"{salt}\n{normalized(identity)}".encode()).hexdigest()
