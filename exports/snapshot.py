"""One state of the database for a whole export, while progress is committed in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, transaction

IDLE_SECONDS = 120  # a holder whose runner is frozen goes, so that vacuum is not held back for ever


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A connection of its own holds the state; chunks are read in short transactions that take it over."""

    holder: psycopg.Connection[Any]
    name: str
    taken_at: datetime

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read on Django's connection in here comes from the snapshot."""
        self.holder.execute("SELECT 1")  # it is alive, and its idle clock starts again
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [self.name])
            yield


@contextmanager
def taken() -> Iterator[Snapshot]:
    """Take a snapshot of now, and let it go at the end."""
    with psycopg.connect(**connection.get_connection_params()) as holder:
        holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        holder.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        row = holder.execute("SELECT pg_export_snapshot(), now()").fetchone()
        assert row is not None
        yield Snapshot(holder, row[0], row[1])
