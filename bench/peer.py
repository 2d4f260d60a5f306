"""Bugsink, which takes the same envelopes: in an environment of its own, run as its manual says, never read from."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import servers
from bench.doors import Door

HOME = Path(__file__).resolve().parent.parent / ".data" / "peers" / "bugsink"
HOW = "Bugsink is not here, so there is nothing to compare with: make bench-peers (once; it needs a package index)."
WORKERS = 2  # one for each core, as ours
ACCEPT = f"--workers {WORKERS} --timeout 60 --log-level warning bugsink.wsgi"
# What its own configuration for one server leaves open: nothing is refused, nothing is thrown away, nobody is called.
_SETTINGS = """
SECURE_PROXY_SSL_HEADER, USE_X_REAL_IP, ALLOWED_HOSTS = None, False, ["*"]
BUGSINK |= {"BASE_URL": "http://127.0.0.1", "PHONEHOME": False}
BUGSINK |= {
    f"MAX_EVENTS_{whose}{span}": 1_000_000_000
    for whose in ("", "PER_PROJECT_") for span in ("PER_5_MINUTES", "PER_HOUR", "PER_MONTH")
}
"""
_PROJECT = """
from projects.models import Project
project = Project.objects.create(name="shop", retention_max_event_count=1_000_000_000)
print(project.pk, project.sentry_key.hex)
"""
_STORED = "SELECT coalesce(sum(stored_event_count), 0) FROM projects_project"
_ISSUES = "SELECT count(*) FROM issues_issue"


def is_here() -> bool:
    return (HOME / "bin" / "bugsink-manage").exists()


class Bugsink:
    """One installation with its SQLite files below a directory, empty at first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory.parent / "bugsink.log"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self._run("bugsink-create-conf", "--template=singleserver", "--host=127.0.0.1", f"--base-dir={directory}")
        with (directory / "bugsink_conf.py").open("a") as settings:
            settings.write(_SETTINGS)
        self._manage("migrate")
        self._manage("migrate", "snappea", "--database=snappea")
        number, key = self._manage("shell", "--verbosity", "0", "-c", _PROJECT).split()[-2:]
        self.doors = [Door(int(number), key)]

    @contextmanager
    def accepting(self) -> Iterator[tuple[int, int]]:
        """Its web server; yields the port and the process id."""
        port = servers.free_port()
        argv = [str(HOME / "bin" / "gunicorn"), "--bind", f"{servers.HOST}:{port}", *ACCEPT.split()]
        with servers.serving(argv, port, self.log, self._environment()) as pid:
            yield port, pid

    @contextmanager
    def digesting(self) -> Iterator[dict[str, int]]:
        """Its worker, which reads what was accepted; yields the process id."""
        argv = [str(HOME / "bin" / "bugsink-runsnappea")]
        with servers.running_program(argv, self.log, self._environment()) as pid:
            yield {"snappea": pid}

    def visible(self) -> int:
        """Events in its database with their issue."""
        return self._ask(_STORED)

    def issues(self) -> int:
        return self._ask(_ISSUES)

    def _ask(self, query: str) -> int:
        with sqlite3.connect(f"file:{self.directory / 'db.sqlite3'}?mode=ro", uri=True, timeout=10) as database:
            return int(database.execute(query).fetchone()[0])

    def _manage(self, *arguments: str) -> str:
        return self._run("bugsink-manage", *arguments)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(HOME / "bin" / program), *arguments],
            cwd=self.directory, env=self._environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} {arguments[0]}: {done.stderr[-2000:]}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """Nothing of ours: it has a Django of its own."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | {"DJANGO_SETTINGS_MODULE": "bugsink_conf", "PYTHONPATH": str(self.directory)}
