"""A PostgreSQL of these tests' own: any open transaction of another test would hold the fence back."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import environ
import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from audit import access, eras, persons
from audit.actors import Principal
from config.embedded import Postgres

SOURCE = access.Source(ip="203.0.113.7", user_agent="curl/8", path="/api/v1/bugs/WEB-1/", query="q=Miller")
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
Connect = Callable[[Postgres], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def connected(django_db_blocker: Any) -> Connect:
    """Make Django's default connection, in every thread begun meanwhile, one to the given cluster."""

    @contextmanager
    def connect(server: Postgres) -> Iterator[None]:
        settings: dict[str, Any] = connections.settings["default"]
        theirs = environ.Env.db_url_config(server.url)
        kept = {name: settings[name] for name in theirs if name in settings}
        connection.close()
        assert connection.settings_dict is settings
        settings.update({name: theirs[name] for name in ("HOST", "NAME", "USER", "PORT", "PASSWORD")})
        with django_db_blocker.unblock():
            try:
                yield
            finally:
                connection.close()
                settings.update(kept)

    return connect


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, connected: Connect) -> Iterator[Postgres]:
    """A running cluster with the tables of history."""
    with Postgres(tmp_path_factory.mktemp("fence"), FAST) as server:
        with connected(server):
            call_command("migrate", "audit", verbosity=0)
        yield server


def run(server: Postgres, name: str, *arguments: str, send: bytes = b"") -> bytes:
    """One of PostgreSQL's own programs, as whoever may run it, against this cluster."""
    argv = [*server._prefix(), str(server.bin(name)), "-h", str(server.sockets), "-U", "bugwire", *arguments]
    done = subprocess.run(argv, input=send, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture
def back_up(cluster: Postgres, tmp_path: Path) -> Callable[[], Path]:
    """Take a base backup, from which a cluster can be restored any number of times."""

    def take() -> Path:
        copy = tmp_path / "backup"
        run(cluster, "pg_basebackup", "-D", str(copy), "-X", "fetch", "-c", "fast", "--no-sync")
        (copy / "recovery.signal").touch()  # recover to the end of what there is, then begin a new timeline
        return copy

    return take


@pytest.fixture
def history(cluster: Postgres, connected: Connect, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Empty tables of history, a key and a log of this test alone."""
    settings.DATA_DIR = tmp_path
    settings.AUDIT_SEAL_LOG = str(tmp_path / "seals.log")
    persons.forget_kept()
    with connected(cluster):
        as_superuser("TRUNCATE audit_event, audit_accessrecord, audit_seal, audit_sealleaves, audit_pruning CASCADE")
        eras.current()
        yield


def as_superuser(statement: str, parameters: Any = None) -> None:
    """Without triggers: what someone can do who owns the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)


def made(
    user_id: int = 7, *, status: int = 200, project_ids: Any = (), source: Any = SOURCE, **note: Any
) -> access.Call:
    """One call as its door knows it."""
    principal = Principal(label=f"user:{user_id}", user_id=user_id)
    known = access.Access(channel="rest", principal=principal, operation="bugs_list", **note)
    known.project_ids = project_ids
    return access.Call(known, status, "GET", "/api/v1/bugs/{pk}/", uuid4().hex, source)


def call(user_id: int = 7, **more: Any) -> None:
    """One call as the access log has it."""
    access.write(made(user_id, **more), durable=False)


@pytest.fixture
def settle() -> Callable[[], None]:
    """Wait until what was written has settled: transactions of other tests hold the fence back."""

    def wait() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (now,) = cursor.fetchone()
            for _ in range(600):
                cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
                if cursor.fetchone()[0] > now:
                    return
                time.sleep(0.05)
        raise AssertionError("a transaction has been open for 30 s")

    return wait
