"""The data into PostgreSQL's memory: a server that has run for a day answers from there, a fresh one from the disk."""

from django.db import connection

_WARM = """
    SELECT sum(pg_prewarm(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i') AND c.relname !~ '^bugs_(errorreport|word|seenevent|rollup)'
"""


def warm() -> None:
    """All but error reports, whose newest are read anyway."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        cursor.execute(_WARM)
        cursor.execute("RESET statement_timeout")
