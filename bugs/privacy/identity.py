"""Who a person is to those who know them by an address or a name: one spelling of it, and a promise of it. Pure."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from uuid import UUID

IDENTITY_MAX = 254  # an e-mail address (RFC 5321)


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
        there = normalized(text)
        return any(normalized(one) in there for one in (self.given, *self.names))


@dataclass(frozen=True, slots=True)
class Step:
    """What one chunk of forgetting did. last: from where the next one goes on; None when nothing is left."""

    last: UUID | None
    rows: int = 0


def normalized(identity: str) -> str:
    """One spelling for what people write in many: compatible characters, no case, no spaces around."""
    return unicodedata.normalize("NFKC", identity).strip().casefold()


def promise(identity: str) -> dict[str, str]:
    """Salt and SHA-256 of salt and identity: shows who was meant to those who know it, and to nobody else."""
    salt = secrets.token_hex(16)
    return {"salt": salt, "sha256": _digest(salt, identity)}


def keeps(promised: dict[str, str], identity: str) -> bool:
    """Whether it is this identity that was promised."""
    return secrets.compare_digest(promised["sha256"], _digest(promised["salt"], identity))


def _digest(salt: str, identity: str) -> str:
    return hashlib.sha256(f"{salt}\n{normalized(identity)}".encode()).hexdigest()
