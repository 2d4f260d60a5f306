"""The two growing tables as chains of lines: which columns, in which order, in bytes that PostgreSQL writes itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from audit import eras

# Another list of columns is another format. Seals name theirs, so none is read as what it is not.
FORMAT = 1


class Position(NamedTuple):
    """A row's place in its chain."""

    era: int
    xid: int
    seq: int


BEGINNING = Position(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Chain:
    """columns: expressions whose text does not depend on a session's settings. has_months: whole months may go."""

    name: str
    table: str
    columns: tuple[str, ...]
    has_months: bool = False

    @property
    def lines(self) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.table}"  # noqa: S608 (names of ours)


def _moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


_PLACE = ("era", "xid", "seq", "id")
ACCESS = Chain(
    "access",
    "audit_accessrecord",
    (
        *_PLACE,
        _moment("occurred_at"),
        *("channel", "actor", "person", "operation", "method", "path", "status", "outcome", "code", "target"),
        *("targets", "data_class", "request_id", "project_ids", "duration_ms", "rows", "size", "count"),
        "encode(sealed, 'hex')",
    ),
    has_months=True,
)
EVENTS = Chain(
    "events",
    "audit_event",
    (*_PLACE, _moment("occurred_at"), "type", "version", "subject", "project_id", "actor", "data"),
)
CHAINS = {chain.name: chain for chain in (ACCESS, EVENTS)}

ORDER = "ORDER BY era, xid, seq"
# What came since the last ANALYZE is expected to be one row, which would be sorted; it may be a million.
BY_INDEX = "SET LOCAL enable_sort = off"
AFTER = "(era, xid, seq) > (%s, %s, %s)"
BETWEEN = f"{AFTER} AND (era, xid, seq) <= (%s, %s, %s)"
# A row is settled when its era has ended or its transaction is older than every one still running.
SETTLED = "(era < %s OR xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"


def between(chain: Chain, after: Position, upto: Position) -> Iterator[bytes]:
    """Lines after one place up to another, one at a time."""
    return _copied(f"{chain.lines} WHERE {BETWEEN} {ORDER}", [*after, *upto])


def settled_after(chain: Chain, after: Position, limit: int) -> list[bytes]:
    """The next lines before which no other can come any more; in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
    sql = f"{chain.lines} WHERE {AFTER} AND {SETTLED} {ORDER} LIMIT %s"
    return list(_copied(sql, [*after, eras.current().number, limit]))


def position_of(line: bytes) -> Position:
    return Position(*map(int, line.split(b"\t", 3)[:3]))


def id_of(line: bytes) -> UUID:
    return UUID(line.split(b"\t", 4)[3].decode())


def _copied(sql: str, parameters: list[Any]) -> Iterator[bytes]:
    """As `COPY … TO STDOUT` writes them, without the line feed: tabs between columns, `\\N` for null."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT", parameters) as lines:
        for line in lines:
            yield bytes(line)[:-1]
