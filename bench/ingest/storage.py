"""What an event takes on disk once digested, beside the same event as a plain row of jsonb; in an empty database."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import UUID

import psycopg
from django.core.management import call_command
from django.db import connection

from audit.identifiers import uuid7
from bench import seed, wire
from bench.corpus import Corpus
from bench.doors import Supply
from bench.figures import Figure
from bench.ingest import events
from bench.ingest.ours import Bugwire
from bench.ingest.rates import PATIENCE, drain
from bench.scale import Scale
from bench.world import World
from bugs import tasks
from config import embedded

DATABASE = "storage"
SHARE = 0.2  # of the corpus, before the dictionaries, and as much after
HALF = 0.5  # promised
QUEUES = re.compile("bugs_arrival|audit_outboxentry|bugs_.*delta")  # empty when all is done
NOTE = (
    "stored: all tables with their indexes after VACUUM, queues left out, in a database that was empty; naive: a table "
    "of (id uuid, project_id, received_at, body jsonb), its key, an index on (project_id, id), pglz as it comes"
)
_SIZES = """
    SELECT coalesce(parent.relname, c.relname), sum(pg_total_relation_size(c.oid))::bigint
    FROM pg_class c
    LEFT JOIN pg_inherits ON inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = inhparent
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1
"""
_PLAIN = """
    CREATE TABLE plain (
        id uuid PRIMARY KEY, project_id uuid NOT NULL, received_at timestamptz NOT NULL, body jsonb NOT NULL
    );
    CREATE INDEX ON plain (project_id, id);
"""
Sizes = Mapping[str, int]  # bytes of each table with all that belongs to it


def measure(world: World, scale: Scale) -> list[Figure]:
    corpus = events.of(scale)
    count = round(len(corpus.bodies) * SHARE)
    with _empty(world):
        ours = Bugwire(world.directory, ["STORE"])
        supply = Supply(ours.doors, corpus.bodies)
        taken = [_sizes(ours)]
        for part in range(2):
            if part:
                call_command("train_dictionaries", stdout=StringIO())
            _send(ours, supply, count)
            taken.append(_sizes(ours))
        plain = _plain(ours, corpus, 2 * count)
    return _figures(count, taken, plain / (2 * count))


@contextmanager
def _empty(world: World) -> Iterator[None]:
    """A new database for Django and for the servers that are started meanwhile."""
    usual = connection.settings_dict["NAME"]
    _remake(make=True)
    connection.settings_dict["NAME"] = DATABASE
    os.environ["DATABASE_URL"] = embedded.database_url(world.directory).removesuffix(usual) + DATABASE
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        del os.environ["DATABASE_URL"]
        _remake(make=False)


def _remake(*, make: bool) -> None:
    connection.close()
    with psycopg.connect(seed.dsn(), autocommit=True) as database:
        database.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        if make:
            database.execute(f"CREATE DATABASE {DATABASE}")


def _send(ours: Bugwire, supply: Supply, count: int) -> None:
    before = ours.visible()
    with ours.accepting() as (port, _), ours.digesting():
        sent = wire.busy(port, supply, seconds=PATIENCE, count=count)
        if sent.counts[200] != count:
            raise RuntimeError(f"of {count} events to be stored these were answered: {dict(sent.counts)}")
        drain(ours, before + count)
    for fold in (tasks.fold_contexts, tasks.fold_outcomes, tasks.fold_rollups):
        fold()


def _sizes(ours: Bugwire) -> Sizes:
    with ours.database() as database:
        database.execute("VACUUM ANALYZE")
        return dict(database.execute(_SIZES).fetchall())


def _plain(ours: Bugwire, corpus: Corpus, count: int) -> int:
    project, now = UUID(int=1), datetime.now(UTC)
    with ours.database() as database:
        database.execute(_PLAIN)
        with database.cursor().copy("COPY plain FROM STDIN") as copy:
            for number in range(count):
                copy.write_row([uuid7(), project, now, corpus.event(number).decode()])
        database.execute("VACUUM ANALYZE plain")
        found: Any = database.execute("SELECT pg_total_relation_size('plain')").fetchone()
        return int(found[0])


def _figures(count: int, taken: list[Sizes], plain: float) -> list[Figure]:
    nothing, first, both = taken
    parts = {
        f"stored, first {count:,} events": _grown(nothing, first, count),
        f"stored, next {count:,}, after dictionaries were trained": _grown(first, both, count),
        f"stored, all {2 * count:,}": _grown(nothing, both, 2 * count),
    }
    figures = [
        Figure("ingest", case, "bytes/event", sum(grown.values()), plain, plain * HALF, NOTE)
        for case, grown in parts.items()
    ]
    largest = sorted(parts[f"stored, all {2 * count:,}"].items(), key=lambda one: -one[1])[:6]
    return figures + [Figure("ingest", f"stored, of that in {table}", "bytes/event", size) for table, size in largest]


def _grown(before: Sizes, after: Sizes, count: int) -> dict[str, float]:
    return {table: (after[table] - before.get(table, 0)) / count for table in after if not QUEUES.fullmatch(table)}
