"""Bugwire as the receiver of the benchmark's events: its processes, its projects, what can be seen in them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from audit.actors import SYSTEM
from bench import seed, servers
from bench.doors import Door
from bugs import people
from bugs.models import Project

# Tables with a row for each event; groups and bugs stay, for the next run to count on.
_PER_EVENT = ("bugs_arrival", "bugs_errorreport", "bugs_seenevent", "bugs_refusedevent")
_VISIBLE = "SELECT coalesce(sum(reports), 0) FROM bugs_errorgroup WHERE project_id = ANY(%s)"
_GROUPS = "SELECT count(*) FROM bugs_errorgroup WHERE project_id = ANY(%s) AND merged_into_id IS NULL"
_SEEN = "SELECT event_id FROM bugs_seenevent WHERE project_id = ANY(%s) AND event_id = ANY(%s)"


class Bugwire:
    """Some projects of the database that Django is connected to, and the processes of `make run`."""

    def __init__(self, directory: Path, keys: Sequence[str]) -> None:
        self.log = directory / "web.log"
        projects = [_project(key) for key in keys]
        self._ids = [project.pk for project in projects]
        self._dsn = seed.dsn()
        self.doors = [Door(project.number, project.ingest_keys.all()[0].public_key) for project in projects]

    @contextmanager
    def accepting(self) -> Iterator[tuple[int, int]]:
        """Web servers; yields the port and the process id."""
        with servers.web("config.wsgi:application", "config.settings", self.log) as started:
            yield started

    @contextmanager
    def digesting(self) -> Iterator[dict[str, int]]:
        """What makes reports of what was accepted, and all that works beside it; yields process ids."""
        with servers.behind(self.log) as pids:
            yield pids

    def visible(self) -> int:
        """Reports that the lists of error groups and of bugs count."""
        with self.database() as database:
            return int(database.execute(_VISIBLE, [self._ids]).fetchone()[0])

    def issues(self) -> int:
        with self.database() as database:
            return int(database.execute(_GROUPS, [self._ids]).fetchone()[0])

    def seen(self, database: Any, event_ids: list[UUID]) -> set[UUID]:
        """Those whose reports are there."""
        return {row[0] for row in database.execute(_SEEN, [self._ids, event_ids])}

    def forget(self) -> None:
        """Take away the events, so that they may be sent again and the database stays as large as it was."""
        with self.database() as database:
            for table in _PER_EVENT:
                database.execute(f"DELETE FROM {table} WHERE project_id = ANY(%s)", [self._ids])
                database.execute(f"VACUUM {table}")

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A connection of its own, in whatever process this is."""
        with psycopg.connect(self._dsn, autocommit=True) as database:
            yield database


def _project(key: str) -> Project:
    return Project.objects.filter(key=key).first() or people.make_project(
        key=key, name="Where the benchmark sends errors", by=SYSTEM
    )
