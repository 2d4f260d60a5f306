"""The statement that writes records: what it writes is what is read, and nothing that breaks below it is hidden."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection

from audit.prepared import Statement

TYPES = ["uuid", "text", "integer", "timestamptz", "uuid[]", "bytea"]
SQL = "INSERT INTO prepared_here VALUES (%s, %s, %s, %s, %s, %s)"
A, B = uuid4(), uuid4()
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture(autouse=True)
def table(transactional_db: None) -> Iterator[None]:
    columns = "a uuid PRIMARY KEY, b varchar(12), c integer, d timestamptz, e uuid[], f bytea"
    ask(f"CREATE TABLE prepared_here ({columns})")
    yield
    connection.close()
    ask("DROP TABLE prepared_here")


@pytest.fixture
def statement() -> Statement:
    return Statement(SQL, TYPES)


def ask(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def row(text: str | None = "text", key: UUID = A) -> list[Any]:
    return [key, text, -7, NOW, [A, B], b"\x00'\\\xff"]


@pytest.mark.parametrize("text", ["", "it's", "back\\slash", "%s $1", "äöü🐞", "tab\tline\n", None])
def test_what_is_written_is_read(statement: Statement, text: str | None) -> None:
    statement.run(row(text))
    ((key, read, number, at, ids, content),) = ask("SELECT * FROM prepared_here")
    assert (key, read, number, at, ids, bytes(content)) == tuple(row(text))


def test_it_is_prepared_once_a_connection(statement: Statement) -> None:
    for key in (A, B):
        statement.run(row(key=key))
    assert len(ask("SELECT 1 FROM pg_prepared_statements WHERE name LIKE 'bugwire%'")) == 1


def test_another_connection_is_prepared_by_itself(statement: Statement) -> None:
    statement.run(row())
    connection.close()
    statement.run(row(key=B))
    assert ask("SELECT count(*) FROM prepared_here") == [(2,)]


def test_who_pools_connections_may_forget_what_was_prepared(statement: Statement) -> None:
    statement.run(row())
    ask("DEALLOCATE ALL")
    statement.run(row(key=B))
    assert ask("SELECT count(*) FROM prepared_here") == [(2,)]


def test_another_process_may_have_prepared_it_on_this_connection(statement: Statement) -> None:
    statement.run(row())
    Statement(SQL, TYPES).run(row(key=B))
    assert ask("SELECT count(*) FROM prepared_here") == [(2,)]


def test_a_nul_is_refused(statement: Statement) -> None:
    with pytest.raises(DataError):
        statement.run(row("a\x00b"))


def test_what_is_too_long_is_refused(statement: Statement) -> None:
    with pytest.raises(DataError):
        statement.run(row("x" * 13))


def test_what_is_there_already_is_refused(statement: Statement) -> None:
    statement.run(row())
    with pytest.raises(IntegrityError):
        statement.run(row())


def test_a_lost_connection_is_an_error_and_the_next_one_works(statement: Statement) -> None:
    statement.run(row())
    ((mine,),) = ask("SELECT pg_backend_pid()")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])
    other.close()
    with pytest.raises(OperationalError):
        statement.run(row(key=B))
    connection.close_if_unusable_or_obsolete()
    statement.run(row(key=B))
    assert ask("SELECT count(*) FROM prepared_here") == [(2,)]


def test_a_commit_that_does_not_wait_is_that_of_its_statement_alone() -> None:
    off = "WITH s AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) "
    before = ask("SHOW synchronous_commit")
    Statement(f"{off} INSERT INTO prepared_here (a) SELECT %s::uuid FROM s", ["uuid"]).run([A])
    assert ask("SHOW synchronous_commit") == before
    assert ask("SELECT count(*) FROM prepared_here") == [(1,)]
