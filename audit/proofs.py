"""A proof that one row was sealed as it is, which anybody checks who has the public key, and no database."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from audit import chains, merkle, seals, signing
from audit.chains import Chain, Position
from audit.models import Seal


class NotSealed(LookupError):
    """The row has no seal yet, or none that it belongs to."""


class BadProof(ValueError):
    """It proves nothing; the text says why."""


def of(chain: Chain, position: Position) -> dict[str, Any]:
    """The proof of the row at this place. Raises NotSealed."""
    seal = _seal_of(chain, position)
    before = Seal.objects.filter(chain=chain.name, number=seal.number - 1).first() if seal.number > 1 else None
    lines = list(chains.between(chain, seals.end_of(before), seals.end_of(seal)))
    leaves = [merkle.leaf(line) for line in lines]
    index = next((at for at, line in enumerate(lines) if chains.position_of(line) == position), None)
    if index is None or merkle.root(leaves) != bytes(seal.root):
        raise NotSealed(f"The rows of seal {seal.number} are not as they were sealed.")
    return {
        "format": chains.FORMAT,
        "line": lines[index].decode(),
        "index": index,
        "path": [one.hex() for one in merkle.path(leaves, index)],
        **seals.as_document(seal),
        "public_key": signing.encoded(signing.trusted().get(seal.key_id, b"")),
    }


def check(proof: Any, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """The statement of the seal that covers the line; keys: those that are trusted, by id. Raises BadProof."""
    try:
        text, line = proof["seal"].encode(), proof["line"].encode()
        signature = base64.b64decode(proof["signature"], validate=True)
        path, index = [bytes.fromhex(one) for one in proof["path"]], int(proof["index"])
        statement: dict[str, Any] = orjson.loads(text)
        key, root, count = statement["key"], bytes.fromhex(statement["root"]), int(statement["count"])
        written = statement["format"]
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error):
        raise BadProof("This is no proof of a row.") from None
    if key not in keys:
        raise BadProof(f"The seal is signed with the key {key}, which is not trusted here.")
    if not signing.verify(text, signature, keys[key]):
        raise BadProof("The seal's signature is wrong.")
    if written != chains.FORMAT:
        raise BadProof(f"The seal has the format {written}, which is not known here.")
    if not 0 <= index < count or merkle.root_by(path, merkle.leaf(line), index, count) != root:
        raise BadProof("The line is not one that this seal covers.")
    return statement


def _seal_of(chain: Chain, position: Position) -> Seal:
    era, xid, seq = position
    of_era = Seal.objects.filter(chain=chain.name, era=era)
    seal = (
        of_era.filter(last_xid=xid, last_seq__gte=seq).order_by("last_xid", "last_seq").first()
        or of_era.filter(last_xid__gt=xid).order_by("last_xid", "last_seq").first()
    )
    if seal is None:
        raise NotSealed("It is not sealed yet; that takes some seconds.")
    return seal
