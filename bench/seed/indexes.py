"""Taking indexes and constraints off tables while they are filled, and making them again side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

KEPT = "bench_dropped"  # what was taken off, should a run be stopped half-way
WIDE = "bugs_bug"  # its rows are not compressed while they are loaded: that takes a quarter of the time
MEMORY = "512MB"  # of one index being built
_CONSTRAINTS = """
    SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), c.contype::text
    FROM pg_constraint c
    WHERE c.contype IN ('f', 'p', 'u') AND c.conparentid = 0
      AND (c.conrelid = ANY (%(tables)s::regclass[]) OR c.contype = 'f' AND c.confrelid = ANY (%(tables)s::regclass[]))
    ORDER BY c.contype = 'f' DESC
"""
_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM pg_index i
    WHERE i.indrelid = ANY (%(tables)s::regclass[])
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
    ORDER BY pg_get_indexdef(i.indexrelid) ~ 'USING gin' DESC, 1
"""


def drop(database: Any, tables: list[str]) -> None:
    """Foreign keys, then keys, then indexes; what they were is written down first."""
    put_back(database, lambda name: None)
    constraints = database.execute(_CONSTRAINTS, {"tables": tables}).fetchall()
    indexes = database.execute(_INDEXES, {"tables": tables}).fetchall()
    database.execute(f"CREATE TABLE {KEPT} (place serial, kind text, name text, sql text)")
    for name, sql in indexes:
        _note(database, "index", name, sql.replace(" ON ONLY ", " ON "))
    for table, name, sql, kind in sorted(constraints, key=lambda one: one[3] == "f"):
        _note(
            database, "foreign key" if kind == "f" else "key", name, f"ALTER TABLE {table} ADD CONSTRAINT {name} {sql}"
        )
    for table, name, _, _ in constraints:
        database.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    database.execute(f"ALTER TABLE {WIDE} SET (toast_tuple_target = 8160)")
    database.commit()


def put_back(database: Any, told: Callable[[str], None], *, crew: int = 2) -> int:
    """Keys first, which need a table for themselves; then indexes side by side; then what refers to keys."""
    if database.execute("SELECT to_regclass(%s)", [KEPT]).fetchone()[0] is None:
        return 0
    database.execute(f"ALTER TABLE {WIDE} RESET (toast_tuple_target)")
    noted = database.execute(f"SELECT kind, name, sql FROM {KEPT} ORDER BY place").fetchall()
    database.commit()

    def run(one: tuple[str, str, str]) -> None:
        with psycopg.connect(database.info.dsn, autocommit=True) as mine:
            mine.execute(f"SET maintenance_work_mem = '{MEMORY}'")
            mine.execute(one[2])
        told(one[1])

    for kind, together in (("key", 1), ("index", crew), ("foreign key", 1)):
        with ThreadPoolExecutor(together) as crew_of:
            list(crew_of.map(run, [one for one in noted if one[0] == kind]))
    database.execute(f"DROP TABLE {KEPT}")
    database.commit()
    return len(noted)


def count(database: Any, tables: list[str]) -> int:
    found = [len(database.execute(sql, {"tables": tables}).fetchall()) for sql in (_CONSTRAINTS, _INDEXES)]
    database.commit()
    return sum(found)


def _note(database: Any, kind: str, name: str, sql: str) -> None:
    database.execute(f"INSERT INTO {KEPT} (kind, name, sql) VALUES (%s, %s, %s)", [kind, name, sql])
