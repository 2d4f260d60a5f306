"""Envelopes lie encrypted until they are read: they say what their program and its users said, redacted only then."""

from typing import NamedTuple
from uuid import UUID

from config import keyring

SEALED = "sealed"  # the `encoding` of such an arrival; any other is one that came before envelopes were encrypted
_PLACE = "bugs_arrival.body"


class Opened(NamedTuple):
    """What a parcel was made of. encoding: of the body; peer: the sender's address."""

    encoding: str
    peer: str
    body: bytes


def seal(parcel_id: UUID, *, encoding: str, peer: str, body: bytes) -> bytes:
    """One line says encoding and sender, the body follows."""
    return keyring.seal(f"{encoding} {peer}\n".encode() + body, place=_PLACE, row=parcel_id)


def unseal(parcel_id: UUID, sealed: bytes) -> Opened:
    """Raises keyring.Unreadable."""
    line, _, body = keyring.unseal(sealed, place=_PLACE, row=parcel_id).partition(b"\n")
    encoding, _, peer = line.decode().partition(" ")
    return Opened(encoding, peer, body)
