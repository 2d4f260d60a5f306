"""What a seal says, byte for byte, and how seals hang together."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from audit import chains, signing
from audit.chains import Chain, Position
from audit.models import Pruning, Seal

NO_SEAL = bytes(32)  # what the first seal names as the hash of the one before


def statement(seal: Seal) -> bytes:
    """What is signed, and hashed into the next seal."""
    return _text(
        {
            "about": "bugwire seal",
            "format": seal.format,
            "chain": seal.chain,
            "number": seal.number,
            "month": seal.month,
            "era": seal.era,
            "first": [seal.first_xid, seal.first_seq],
            "last": [seal.last_xid, seal.last_seq],
            "count": seal.count,
            "root": bytes(seal.root).hex(),
            "previous": bytes(seal.previous).hex(),
            "sealed_at": _moment(seal.sealed_at),
            "key": seal.key_id,
        }
    )


def pruning_statement(mark: Pruning) -> bytes:
    return _text(
        {
            "about": "bugwire pruning",
            "format": mark.format,
            "chain": mark.chain,
            "month": mark.month,
            "last_number": mark.last_number,
            "rows": mark.rows,
            "pruned_at": _moment(mark.pruned_at),
            "key": mark.key_id,
        }
    )


def hash_of(seal: Seal) -> bytes:
    """What the next seal names as `previous`."""
    return sha256(statement(seal)).digest()


def is_signed(seal: Seal | Pruning, public: bytes) -> bool:
    text = statement(seal) if isinstance(seal, Seal) else pruning_statement(seal)
    return signing.verify(text, bytes(seal.signature), public)


def newest(chain: Chain) -> Seal | None:
    return Seal.objects.filter(chain=chain.name).order_by("-number").first()


def end_of(seal: Seal | None) -> Position:
    """The place of the last row that it covers; without a seal, of the beginning."""
    return Position(seal.era, seal.last_xid, seal.last_seq) if seal else chains.BEGINNING


def as_document(seal: Seal) -> dict[str, Any]:
    """A seal as the API and the log show it: the signed text as it is, since its bytes matter."""
    return {"seal": statement(seal).decode(), "signature": signing.encoded(bytes(seal.signature))}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _text(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
