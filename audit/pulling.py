"""Records for whoever keeps them elsewhere (a SIEM): in the chain's own order, each exactly once, from a cursor on."""

from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from audit import chains, eras
from audit.chains import Position
from audit.models import AccessRecord, Era

LINES_MAX = 1_000
ROWS_MAX = 20_000  # that one pull looks at
_AFTER = f"""
    SELECT era, xid, seq FROM audit_accessrecord
    WHERE {chains.AFTER} AND {chains.SETTLED} {chains.ORDER}
"""  # noqa: S608
_END = f"SELECT era, xid, seq FROM ({_AFTER} LIMIT %s) seen ORDER BY era DESC, xid DESC, seq DESC LIMIT 1"  # noqa: S608


class ForeignCursor(ValueError):
    """Of another database, or no cursor at all."""


class Pulled(NamedTuple):
    """rows: values with their places. end: where to go on; everything up to it was looked at."""

    rows: list[dict[str, Any]]
    end: Position


def pull(rows: QuerySet[AccessRecord], after: Position, limit: int, columns: list[str]) -> Pulled:
    """The next settled rows of a filtered queryset. Whatever commits later comes behind `end`."""
    end = _end(after)
    if end is None:
        return Pulled([], after)
    between = rows.extra(where=[chains.BETWEEN], params=[*after, *end])  # noqa: S610 (a constant; the ORM has no such order)
    found = list(between.order_by("era", "xid", "seq").values("era", "xid", "seq", *columns)[:limit])
    return Pulled(found, place_of(found[-1]) if len(found) == limit else end)


def place_of(row: dict[str, Any]) -> Position:
    return Position(row["era"], row["xid"], row["seq"])


def written(place: Position, marks: dict[int, str]) -> str:
    """A place as a cursor. Its era goes by the mark, since two restores of one backup count on alike."""
    if place.era not in marks:
        marks |= dict(Era.objects.values_list("pk", "mark"))
    return f"{marks.get(place.era, eras.current().mark)}.{place.xid}.{place.seq}"


def read(cursor: str) -> Position:
    """Raises ForeignCursor."""
    mark, *numbers = cursor.split(".")
    if len(numbers) != 2 or not all(one.isascii() and one.isdigit() and len(one) < 19 for one in numbers):
        raise ForeignCursor(cursor)
    era = Era.objects.filter(mark=mark).values_list("pk", flat=True).first() if mark.isalnum() else None
    if era is None:
        raise ForeignCursor(cursor)
    return Position(era, *map(int, numbers))


def _end(after: Position) -> Position | None:
    """As far as one pull looks: ROWS_MAX rows on, or the last settled one."""
    era = eras.current().number
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chains.BY_INDEX)
        cursor.execute(_END, [*after, era, ROWS_MAX])
        row = cursor.fetchone()
    return Position(*row) if row else None
