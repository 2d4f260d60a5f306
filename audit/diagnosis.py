"""What is wrong with a seal or its rows, in one word and one sentence; the first row at fault is named."""

from collections.abc import Mapping
from typing import NamedTuple

from audit import chains, merkle, seals
from audit.chains import Position
from audit.models import Seal, SealLeaves
from audit.seal_log import Entry


class Fault(NamedTuple):
    """kind: stable. where: the row or seal. detail: for people."""

    kind: str
    where: str
    detail: str


def of_link(seal: Seal, number: int, previous: bytes, position: Position, keys: Mapping[str, bytes]) -> Fault | None:
    """Whether a seal is the next one, hung onto the one before, and signed."""
    where = f"seal {number}"
    if seal.number != number:
        return Fault("seal_missing", where, f"It is not in the database; the next one is {seal.number}.")
    if fault := of_signature(seal, keys):
        return fault
    if bytes(seal.previous) != previous:
        return Fault("seal_link", where, "It does not name the seal before it.")
    first = Position(seal.era, seal.first_xid, seal.first_seq)
    if not position < first <= seals.end_of(seal):
        return Fault("seal_order", where, "Its rows do not come after those of the seal before it.")
    return None


def of_signature(seal: Seal, keys: Mapping[str, bytes]) -> Fault | None:
    public = keys.get(seal.key_id)
    if public is None:
        detail = f"It is signed with the key {seal.key_id}, which is not known here (AUDIT_PUBLIC_KEYS, --public-key)."
        return Fault("unknown_key", f"seal {seal.number}", detail)
    if not seals.is_signed(seal, public):
        return Fault("seal_forged", f"seal {seal.number}", "Its signature is not one of the audit log's key.")
    if seal.format != chains.FORMAT:
        detail = f"It has the format {seal.format}, which a newer release wrote; this one reads {chains.FORMAT}."
        return Fault("unknown_format", f"seal {seal.number}", detail)
    return None


def of_rows(seal: Seal, lines: list[bytes], leaves: list[bytes], before: bytes) -> Fault:
    """The first row that is not as it was. The hashes kept of each row tell, and are themselves proven by the root."""
    kept = _kept(seal)
    if kept is None:
        last = f"row {chains.id_of(lines[0])}" if lines else f"seal {seal.number}"
        detail = f"One of the {seal.count} rows of seal {seal.number} was changed; the hashes that tell which are gone."
        return Fault("changed", last, detail)
    at = next((at for at, leaf in enumerate(kept) if at >= len(leaves) or leaves[at] != leaf), len(kept))
    place = f"place {at + 1} of {seal.count} in seal {seal.number}"
    behind = f"the row after {chains.id_of(lines[at - 1] if at else before)}" if at or before else "the first row"
    if at >= len(leaves):
        return Fault("deleted", behind, f"A row is missing at {place}.")
    row = f"row {chains.id_of(lines[at])}"
    if leaves[at] in kept[at:]:
        moved = kept[at] in leaves[at:]
        detail = f"It stands at {place}, which is not its own." if moved else f"A row is missing at {place}."
        return Fault("moved", row, detail) if moved else Fault("deleted", behind, detail)
    if kept[at] in leaves[at:]:
        return Fault("inserted", row, f"It stands at {place}, and was not there when that was sealed.")
    return _replaced(row, behind, place, lines[at], seal)


def _replaced(row: str, behind: str, place: str, line: bytes, seal: Seal) -> Fault:
    """Another row where one was: of this seal's part of the chain, or already of the next one's."""
    if chains.position_of(line) > seals.end_of(seal):
        return Fault("deleted", behind, f"A row is missing at {place}.")
    return Fault("edited", row, f"It is not what was sealed at {place}.")


def of_entry(entry: Entry, seal: Seal | None) -> Fault:
    """The log knows a seal that the database does not have so."""
    where = f"seal {entry.number}"
    if seal is None:
        detail = "The log outside has it and the database has not: its end was cut off, or an older state was restored."
        return Fault("seal_gone", where, detail)
    detail = "The log outside has another one of this number: history was written anew, or an older state was restored."
    return Fault("seal_differs", where, detail)


def _kept(seal: Seal) -> list[bytes] | None:
    hashes = SealLeaves.objects.filter(seal=seal).values_list("hashes", flat=True).first()
    size = merkle.SIZE
    leaves = [bytes(hashes[at : at + size]) for at in range(0, len(hashes), size)] if hashes else []
    return leaves if merkle.root(leaves) == bytes(seal.root) else None
