"""PostgreSQL's binary COPY: columns as bytes, and the writing of them in chunks."""

import struct
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

EPOCH_MS = 946_684_800_000  # 2000-01-01, where PostgreSQL's clock starts
NULL = b"\xff\xff\xff\xff"
EMPTY = b"\x00\x00\x00\x00"
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_BLOCK = 400  # rows that go out at once
SIZES = [struct.pack(">i", size) for size in range(65_536)]

integer = struct.Struct(">ii").pack  # (4, value)
big = struct.Struct(">iq").pack  # (8, value)
_moment = struct.Struct(">iq").pack
_identifier = struct.Struct(">iIHHQ").pack
columns = struct.Struct(">h").pack


def text(value: str) -> bytes:
    return raw(value.encode())


def raw(value: bytes) -> bytes:
    """Any type whose binary form is at hand."""
    return SIZES[len(value)] + value


def json(value: Any) -> bytes:
    return raw(b"\x01" + orjson.dumps(value))


def uuid(value: UUID) -> bytes:
    return raw(value.bytes)


def number(value: int) -> bytes:
    return integer(4, value)


def person(value: int) -> bytes:
    return big(8, value)


def moment(milliseconds: int) -> bytes:
    """A time given in ms since 1970."""
    return _moment(8, (milliseconds - EPOCH_MS) * 1000)


def identifier(milliseconds: int, tail: int) -> bytes:
    """A UUIDv7 of a moment; tail: 74 bits."""
    return _identifier(
        16, milliseconds >> 16, milliseconds & 0xFFFF, 0x7000 | tail >> 62 & 0xFFF, 2 << 62 | tail & (1 << 62) - 1
    )


def copy(database: Any, table: str, names: str, rows: Iterable[bytes]) -> int:
    """One COPY, committed at its end; rows come with all of `names`, as bytes."""
    head = columns(names.count(",") + 1)
    count, block = 0, []
    with database.cursor().copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as out:
        out.write(_HEADER)
        for row in rows:
            block.append(row)
            if len(block) == _BLOCK:
                out.write(head + head.join(block))
                count, block = count + _BLOCK, []
        if block:
            out.write(head + head.join(block))
        out.write(_TRAILER)
    database.commit()
    return count + len(block)
