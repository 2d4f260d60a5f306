"""What is sealed under older keys of the ring is sealed anew under the key in use, column by column (`rotate_keys`).

A row is locked for a moment and never waited for: whoever works with it goes on. The next pass finds what was locked.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, LiteralString

from django.db import connection, transaction
from psycopg import sql

from config import keyring, sealed

PAGE = 500  # rows
CHUNK_BYTES = 16 * 1024 * 1024  # taken into memory at once, or one row
_NEXT = "SELECT {key} FROM {table} WHERE {within} ORDER BY {key} OFFSET %s LIMIT 1"
_CANDIDATES = """
    SELECT {key}, octet_length({column}) FROM {table}
    WHERE {within} AND {column} IS NOT NULL AND {is_sealed} AND ({is_older}) ORDER BY {key}
"""
_TAKE = "SELECT {key}, {column}, {blind} FROM {table} WHERE {key} = ANY(%s) AND {column} IS NOT NULL AND {is_sealed}"
_LOCK = " ORDER BY {key} FOR NO KEY UPDATE SKIP LOCKED"
_UPDATE = "UPDATE {table} SET {column} = %s WHERE {key} = %s"
_UPDATE_BOTH = "UPDATE {table} SET {column} = %s, {blind} = %s WHERE {key} = %s"


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column. blind: the column of its blind index; where: the rows in which it is sealed, when not in all."""

    place: str
    key: str
    blind: str = ""
    where: str = "true"

    @property
    def names(self) -> dict[str, sql.Composable]:
        table, name = self.place.split(".")
        return {
            "table": sql.Identifier(table),
            "key": sql.Identifier(self.key),
            "column": sql.Identifier(name),
            "blind": sql.Identifier(self.blind) if self.blind else sql.NULL,
            "is_sealed": sql.SQL(self.where),
        }


@dataclass(slots=True)
class Tally:
    """Of one pass. older: rows to seal anew, by the version that sealed them; busy: rows that others had locked."""

    pages: int = 0
    older: Counter[int] = field(default_factory=Counter)
    busy: int = 0
    unreadable: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Nothing was found but what no key opens."""
        return not self.older and not self.busy


def columns() -> list[Column]:
    """As `config.sealed` names them. Raises LookupError for one that is not there."""
    found = []
    with connection.cursor() as cursor:
        for place, more in sealed.COLUMNS.items():
            keys = connection.introspection.get_primary_key_columns(cursor, place.partition(".")[0]) or []
            if len(keys) != 1:
                raise LookupError(f"{place}: there is no such table, or its primary key has several columns.")
            found.append(Column(place, keys[0], **more))
    return found


def rotate(column: Column, *, dry_run: bool = False) -> Iterator[Tally]:
    """One pass over the table; the tally after each page. It may be stopped anywhere and started again."""
    tally = Tally()
    for after, upto in _pages(column):
        for rows in _chunks(_candidates(column, after, upto)):
            _reseal(column, rows, tally, dry_run=dry_run)
        tally.pages += 1
        yield tally


def _pages(column: Column) -> Iterator[tuple[Any, Any]]:
    """The bounds of each in the order of the primary key, so that no statement reads more; None is open."""
    after = None
    while True:
        within, values = _bounds(column, after, None)
        last = _rows(column, _NEXT, [*values, PAGE - 1], within=within)
        upto = last[0][0] if last else None
        yield after, upto
        if upto is None:
            return
        after = upto


def _candidates(column: Column, after: Any, upto: Any) -> list[tuple[Any, ...]]:
    """Rows that the key in use may not have sealed, and their size. Where keys share its version, all rows."""
    within, values = _bounds(column, after, upto)
    is_older: sql.Composable = sql.SQL("true")
    if not keyring.is_shared():
        looked_at = [column.names[name] for name in ("column", "blind") if name == "column" or column.blind]
        is_older = sql.SQL(" OR ").join(sql.SQL("substring({} FROM 1 FOR 2) <> %s").format(name) for name in looked_at)
        values += [keyring.in_use().to_bytes(keyring.VERSION_BYTES, "big")] * len(looked_at)
    return _rows(column, _CANDIDATES, values, within=within, is_older=is_older)


def _chunks(found: list[tuple[Any, ...]]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    total = 0
    for row, size in found:
        if chunk and total + size > CHUNK_BYTES:
            yield chunk
            chunk, total = [], 0
        chunk.append(row)
        total += size
    if chunk:
        yield chunk


@transaction.atomic
def _reseal(column: Column, rows: list[Any], tally: Tally, *, dry_run: bool) -> None:
    taken = _rows(column, _TAKE if dry_run else _TAKE + _LOCK, [rows])
    tally.busy += len(rows) - len(taken)
    changes = []
    for row, text, blind in taken:
        try:
            change = _anew(column, row, bytes(text), blind and bytes(blind))
        except keyring.Unreadable:
            tally.unreadable.append(f"{column.place} of {row}")
            continue
        if change:
            tally.older[keyring.version_of(text)] += 1
            changes.append([*change, row])
    if changes and not dry_run:
        with connection.cursor() as cursor:
            cursor.executemany(sql.SQL(_UPDATE_BOTH if column.blind else _UPDATE).format(**column.names), changes)


def _anew(column: Column, row: Any, old: bytes, blind: bytes | None) -> list[bytes | None] | None:
    """What the row is to have; None when it has it. Raises keyring.Unreadable."""
    new = keyring.resealed(old, place=column.place, row=row) or old
    if not column.blind:
        return None if new is old else [new]
    text = keyring.unseal(old, place=column.place, row=row).decode()
    index = keyring.blind(text, place=f"{column.place.partition('.')[0]}.{column.blind}") if blind else None
    return None if new is old and index == blind else [new, index]


def _bounds(column: Column, after: Any, upto: Any) -> tuple[sql.Composable, list[Any]]:
    bounds = [(sign, value) for sign, value in ((">", after), ("<=", upto)) if value is not None]
    conditions = [sql.SQL("{} {} %s").format(column.names["key"], sql.SQL(sign)) for sign, _ in bounds]
    return sql.SQL(" AND ").join([sql.SQL("true"), *conditions]), [value for _, value in bounds]


def _rows(column: Column, query: LiteralString, values: list[Any], **more: sql.Composable) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(query).format(**column.names, **more), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
