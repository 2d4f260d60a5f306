"""A statement that every call runs: prepared once a connection and sent by libpq itself.

psycopg's cursors take three times as long for it, most of that to adapt parameters and to have it planned anew.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any, cast
from uuid import UUID
from weakref import WeakSet

import psycopg
from django.db import connection
from psycopg import pq

_AS_BYTES = frozenset({"uuid", "text", "bytea"})  # types that PostgreSQL takes as we have them, NULs refused
_NO_SUCH_STATEMENT, _ALREADY_THERE = "26000", "42P05"


class Statement:
    """One statement without rows in its answer. runs: how often it was sent, for the benchmark."""

    def __init__(self, sql: str, types: Sequence[str]) -> None:
        """sql: with `%s`. types: PostgreSQL's names of what is put there."""
        numbers = count(1)
        self._sql = re.sub("%s", lambda _: f"${next(numbers)}", sql).encode()
        self._formats = [pq.Format.BINARY if one in _AS_BYTES else pq.Format.TEXT for one in types]
        self._name = b"bugwire_" + hashlib.blake2b(self._sql, digest_size=8).hexdigest().encode()
        self._ready: WeakSet[psycopg.Connection[Any]] = WeakSet()
        self._is_pooled = False  # by something between us and PostgreSQL that does not know of prepared statements
        self.runs = 0

    def run(self, values: Sequence[Any]) -> None:
        """Outside of transactions: it is one by itself. Raises what cursors of Django raise."""
        self.runs += 1
        connection.ensure_connection()
        with connection.wrap_database_errors:
            result = self._sent(connection.connection, [_written(value) for value in values])
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise _error_of(result, connection.connection)

    def _sent(self, own: "psycopg.Connection[Any]", values: list[bytes | None]) -> Any:
        if not self._is_pooled:
            result = self._sent_prepared(own, values)
            if not _is(result, _NO_SUCH_STATEMENT):
                return result
            self._is_pooled = True
        return own.pgconn.exec_params(self._sql, values, None, self._formats)

    def _sent_prepared(self, own: "psycopg.Connection[Any]", values: list[bytes | None]) -> Any:
        if own not in self._ready:
            prepared = own.pgconn.prepare(self._name, self._sql)
            if prepared.status != pq.ExecStatus.COMMAND_OK and not _is(prepared, _ALREADY_THERE):
                return prepared
            self._ready.add(own)
        return own.pgconn.exec_prepared(self._name, cast(list[bytes], values), self._formats)  # None is NULL here too


def _error_of(result: Any, own: "psycopg.Connection[Any]") -> psycopg.Error:
    error = psycopg.errors.error_from_result(result)
    return psycopg.OperationalError(str(error)) if own.closed else error  # libpq names no reason for a hang-up


def _is(result: Any, state: str) -> bool:
    found: bytes | None = result.error_field(pq.DiagnosticField.SQLSTATE)
    return found == state.encode()


def _written(value: Any) -> bytes | None:
    match value:
        case str():
            return value.encode("utf-8", "replace")
        case None | bytes():
            return value
        case UUID():
            return value.bytes
        case datetime():
            return value.isoformat().encode()
        case list():
            return f"{{{','.join(map(str, value))}}}".encode()
    return b"%d" % value
