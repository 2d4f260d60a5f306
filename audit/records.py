"""Access records are inserted without a model and a second statement: it is the last thing each call does."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, connection

from audit import eras
from audit.prepared import Statement

COLUMNS = (
    *("id", "occurred_at", "channel", "actor", "person", "operation", "method", "path", "status", "outcome", "code"),
    *("target", "targets", "data_class", "request_id", "project_ids", "duration_ms", "rows", "size", "count", "sealed"),
)
_OTHER_THAN_TEXT = {
    **dict.fromkeys(("id", "person"), "uuid"),
    **dict.fromkeys(("era", "targets", "duration_ms", "rows", "count"), "integer"),
    "occurred_at": "timestamptz",
    "status": "smallint",
    "project_ids": "uuid[]",
    "size": "bigint",
    "sealed": "bytea",
}
_TYPES = [_OTHER_THAN_TEXT.get(name, "text") for name in ("era", *COLUMNS)]
_INTO = f"INSERT INTO audit_accessrecord (era, {', '.join(COLUMNS)})"
_VALUES = ", ".join(f"%s::{type_}" for type_ in _TYPES)
_INSERT = f"{_INTO} VALUES ({_VALUES})"
# One statement: set_config makes just this transaction's commit asynchronous, in the same round trip.
_OFF = "WITH s AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"
NOW = Statement(_INSERT, _TYPES)
LATER = Statement(f"{_OFF} {_INTO} SELECT {_VALUES} FROM s", _TYPES)  # noqa: S608
_COLUMNS = ", ".join(f"{name} {type_}" for name, type_ in zip(COLUMNS, _TYPES[1:], strict=True))
_MANY = f"SELECT %s::integer, r.* FROM s, json_to_recordset(%s) AS r({_COLUMNS})"  # noqa: S608
MANY_LATER = Statement(f"{_OFF} {_INTO} {_MANY}", ["integer", "json"])


class Unrecorded(OperationalError):
    """The call could not be written down, so it must not be answered."""


CANNOT = (DatabaseError, InterfaceError, ImproperlyConfigured)
OF_ONE = (DataError, IntegrityError)  # what one record of many can be the reason of


def insert(values: list[Any], *, durable: bool) -> None:
    """Write the columns in their order. durable: wait for the disk, as whoever changes something always does."""
    row = [eras.current().number, *values]
    if connection.get_autocommit():
        (NOW if durable else LATER).run(row)
        return
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)


def insert_many(rows: Iterable[Sequence[Any]]) -> None:
    """The same for several, all or none, without waiting for the disk; outside of transactions."""
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    try:
        written = orjson.dumps(found, default=_hex)
    except orjson.JSONEncodeError as error:  # a lone surrogate
        raise DataError(str(error)) from error
    connection.close_if_health_check_failed()  # a connection that was dropped costs one record, not hundreds
    MANY_LATER.run([eras.current().number, written])


def _hex(value: bytes) -> str:
    return f"\\x{value.hex()}"
