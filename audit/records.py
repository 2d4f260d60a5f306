"""One access record is one INSERT: the last thing each call does, so no model and no second statement."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from audit import eras

COLUMNS = (
    *("id", "occurred_at", "channel", "actor", "person", "operation", "method", "path", "status", "outcome", "code"),
    *("target", "targets", "data_class", "request_id", "project_ids", "duration_ms", "rows", "size", "count", "sealed"),
)
_INTO = f"INSERT INTO audit_accessrecord (era, {', '.join(COLUMNS)})"
_VALUES = ", ".join(["%s"] * (len(COLUMNS) + 1))
_INSERT = f"{_INTO} VALUES ({_VALUES})"
# One statement: set_config makes just this transaction's commit asynchronous, in the same round trip.
_LATER = "WITH s AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"
_INSERT_LATER = f"{_LATER} {_INTO} SELECT {_VALUES} FROM s"  # noqa: S608


class Unrecorded(OperationalError):
    """The call could not be written down, so it must not be answered."""


CANNOT = (DatabaseError, InterfaceError, ImproperlyConfigured)


def insert(values: list[Any], *, durable: bool) -> None:
    """Write the columns in their order. durable: wait for the disk, as whoever changes something always does."""
    statement = _INSERT if durable or connection.in_atomic_block else _INSERT_LATER
    with connection.cursor() as cursor:
        cursor.execute(statement, [eras.current().number, *values])
