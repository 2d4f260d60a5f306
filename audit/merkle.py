"""Merkle trees as RFC 6962 hashes them: a root for many lines, and the path from one line to it. Pure."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

LEAF, NODE, SIZE = b"\x00", b"\x01", 32
EMPTY = sha256(b"").digest()


def leaf(line: bytes) -> bytes:
    return sha256(LEAF + line).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Pairs are joined level by level; one that is left over goes up as it is, which is RFC 6962's own shape."""
    level = list(leaves)
    while len(level) > 1:
        level = _joined(level)
    return level[0] if level else EMPTY


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root (RFC 6962, 2.1.1)."""
    level, found = list(leaves), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(level[beside])
        level, index = _joined(level), index // 2
    return found


def root_by(path: Iterable[bytes], own: bytes, index: int, count: int) -> bytes | None:
    """The root that a path from a leaf leads to; None when the path is not one for this place in a tree of `count`."""
    rest = iter(path)
    try:
        while count > 1:
            if index % 2:
                own = sha256(NODE + next(rest) + own).digest()
            elif index + 1 < count:
                own = sha256(NODE + own + next(rest)).digest()
            index, count = index // 2, (count + 1) // 2
    except StopIteration:
        return None
    return own if next(rest, None) is None else None


def _joined(level: list[bytes]) -> list[bytes]:
    above = [sha256(NODE + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
    return above + level[-1:] if len(level) % 2 else above
