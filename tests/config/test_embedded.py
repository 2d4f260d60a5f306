"""The embedded servers: where they listen, how they heal, that they end with their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import environ
import psycopg
import pytest
import redis

from config import embedded, processes

FAST = {"fsync": "off"}


def _connect(url: str) -> psycopg.Connection:
    found = environ.Env.db_url_config(url)
    return psycopg.connect(host=found["HOST"], user=found["USER"], dbname=found["NAME"])


def test_urls_name_a_socket_below_the_data_directory(tmp_path: Path) -> None:
    data_dir = Path("/srv/bugwire")
    found = environ.Env.db_url_config(embedded.database_url(data_dir))
    assert (found["HOST"], found["USER"], found["NAME"]) == ("/srv/bugwire/run", "bugwire", "bugwire")
    assert embedded.redis_url(data_dir) == "unix:///srv/bugwire/run/valkey.sock?db=0"
    assert embedded.broker_url(data_dir) == "redis+socket:///srv/bugwire/run/valkey.sock?virtual_host=1"


@pytest.mark.parametrize("name", ["d" * 90, "a,b", "a b", "50%", "a+b", "ä"])
def test_paths_that_sockets_or_urls_cannot_carry_move_to_a_short_one(name: str) -> None:
    moved = embedded.socket_directory(Path("/srv") / name)
    assert moved.name.startswith("bugwire-")
    assert len(os.fsencode(moved)) < 80
    assert moved != embedded.socket_directory(Path("/srv") / f"{name}x")


def test_a_foreign_socket_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "real")
    with pytest.raises(embedded.CannotStart, match="belongs to someone else"):
        embedded.Valkey(tmp_path).start()


def test_postgres_keeps_its_rows_over_a_kill_and_heals_what_was_left(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "half").touch()
    (tmp_path / "postgres.new-dead").mkdir()
    server = embedded.Postgres(tmp_path)
    with server:
        assert not (tmp_path / "postgres.new-dead").exists()
        with _connect(server.url) as connection:
            connection.execute("create table kept (n int)")
            connection.execute("insert into kept values (1)")
        server.kill()
        server.start()
        with _connect(server.url) as connection:
            assert connection.execute("select n, lower('ÄÖ') from kept").fetchone() == (1, "äö")
    assert server.pid is None


@pytest.mark.parametrize("left", [f"{os.getpid()}\n", "", "\0\0\0\0"], ids=["pid reused", "empty", "zeros"])
def test_lock_files_left_by_a_power_cut_are_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], left: str
) -> None:
    with embedded.Postgres(tmp_path, FAST) as server:
        pass
    files = (tmp_path / "postgres" / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock")
    for file in files:
        file.write_text(left)
    with embedded.Postgres(tmp_path, FAST) as server:
        assert _connect(server.url).execute("select 1").fetchone() == (1,)
    told = capsys.readouterr().err
    assert all(f"{file} names " in told for file in files)


def test_a_cluster_of_another_version_is_named(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(embedded.CannotStart, match="was made by PostgreSQL 12"):
        embedded.Postgres(tmp_path).start()


def test_valkey_answers_and_starts_again_after_a_kill(tmp_path: Path) -> None:
    with embedded.Valkey(tmp_path) as server:
        client = redis.Redis.from_url(server.url)
        assert client.set("a", 1)
        server.kill()
        server.start()
        assert client.get("a") is None


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_servers_end_with_a_killed_parent(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from config import embedded\n"
        "d = Path(sys.argv[1]); p = embedded.Postgres(d, {'fsync': 'off'}); v = embedded.Valkey(d)\n"
        "p.start(); v.start(); print(p.pid, v.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = [int(pid) for pid in parent.stdout.readline().split()]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    limit = time.monotonic() + 10
    while any("postgres" in processes.command_line(p) or "valkey" in processes.command_line(p) for p in children):
        assert time.monotonic() < limit
        time.sleep(0.05)
