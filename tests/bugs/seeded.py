"""A database of its own with generated bugs, for tests that need many rows and the planner's statistics of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from django.db import connection

from bench import seed

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)


@contextmanager
def database(name: str, *, bugs: int, errors: int, until: datetime = UNTIL) -> Iterator[None]:
    """A copy of the empty test database, filled, and what Django's connection leads to meanwhile."""
    empty = connection.settings_dict["NAME"]
    _remake(f"{empty}_{name}", empty)
    connection.settings_dict["NAME"] = f"{empty}_{name}"
    try:
        seed.fill(bugs=bugs, errors=errors, until=until, rollups=False)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = empty
        _remake(f"{empty}_{name}", None)


def _remake(name: str, template: str | None) -> None:
    connection.close()
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    kept = {key: parameters[key] for key in ("user", "password", "host", "port", "dbname") if parameters.get(key)}
    with psycopg.connect(**kept, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        if template:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
