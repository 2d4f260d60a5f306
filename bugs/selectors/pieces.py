"""Pieces of SQL that one statement shows beside a bug: each subject names its own, `parts` puts them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

_BUG = "bugs_bug b JOIN bugs_project p ON p.id = b.project_id"


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL about the bug `b` and its project `p`, with the values of its placeholders."""

    sql: str
    values: Sequence[Any] = ()


def listed(rows: Piece, shown: int) -> Piece:
    """Rows (one more than are shown) as the beginning of a JSON object: `results` and `has_more`, not yet closed."""
    each = f"SELECT row_to_json(t)::text AS text, row_number() OVER () AS place FROM ({rows.sql}) t"  # noqa: S608
    results = f"string_agg(text, ',' ORDER BY place) FILTER (WHERE place <= {shown})"
    whole = f"concat('{{\"results\":[', {results}, '],\"has_more\":', (count(*) > {shown})::text)"
    return Piece(f"(SELECT {whole} FROM ({each}) numbered)", rows.values)  # noqa: S608


def texts(bug_id: UUID, rows: Piece) -> list[str]:
    """The rows about one bug, which a gate let through, as JSON texts."""
    # One bug, so the order of its rows is the order of the answer.
    found = f"SELECT t.* FROM {_BUG} CROSS JOIN LATERAL ({rows.sql}) t WHERE b.id = %s"  # noqa: S608
    return texts_of_rows(found, [*rows.values, bug_id])


def texts_of_rows(statement: str, values: Sequence[Any]) -> list[str]:
    """The rows of a statement as JSON texts."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(t)::text FROM ({statement}) t", values)  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def value(bug_id: UUID, piece: Piece) -> Any:
    """What an expression says of one bug, which a gate let through; None when there is no such bug."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {piece.sql} FROM {_BUG} WHERE b.id = %s", [*piece.values, bug_id])  # noqa: S608
        row = cursor.fetchone()
    return row[0] if row else None
