"""One access record is one INSERT: the last thing each call does, so no model and no second statement."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError, connection

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


class Unrecorded(OperationalError):
    """The call could not be written down, so it must not be answered."""


CANNOT = (DatabaseError, InterfaceError, ImproperlyConfigured)


def insert(values: list[Any], *, durable: bool) -> None:
    """Write the columns in their order. durable: wait for the disk, as whoever changes something always does."""
    row = [eras.current().number, *values]
    if connection.get_autocommit():
        (NOW if durable else LATER).run(row)
        return
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
