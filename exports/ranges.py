"""The `Range` header (RFC 9110, one range), so that a broken download can go on. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 64 * 1024
_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(ValueError):
    """The range lies outside of the file."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes first to last, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def asked(header: str | None, size: int) -> Part | None:
    """The part that the header asks for; None (the whole) for no header, other units, several ranges.

    Raises Unsatisfiable.
    """
    match = _ONE_RANGE.fullmatch((header or "").strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    part = _suffix(int(last), size) if not first else Part(int(first), min(int(last or size), size - 1))
    if part.first >= size or part.length <= 0:
        raise Unsatisfiable(header)
    return part


def _suffix(length: int, size: int) -> Part:
    return Part(max(size - length, 0), size - 1)


def blocks(file: BinaryIO, part: Part) -> Iterator[bytes]:
    """The part in blocks; closes the file."""
    with file:
        file.seek(part.first)
        left = part.length
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
