"""All bugs into a file; beside the ORM with the csv module; beside COPY, which formats nothing of ours."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bench.figures import Figure, in_turn
from bench.scale import Scale
from bench.world import World
from bugs import selectors
from bugs.models import Bug
from exports import files, runner, services
from exports.formats import Format
from exports.models import State


def measure(world: World, scale: Scale) -> list[Figure]:
    ways: dict[str, Callable[[], dict[str, float]]] = {
        form.value: lambda form=form: _timed(lambda: _export(world, form))
        for form in (Format.JSON, Format.CSV, Format.XML)
    }
    ways["naive"] = lambda: _timed(lambda: _naive(world.directory / "naive.csv"))
    ways["limit"] = lambda: _timed(lambda: _copy(world, world.directory / "copy.csv"))
    found = {name: one["rows"] for name, one in in_turn(ways, min(scale.rounds, 2)).items()}
    note = "Bugwire: one snapshot, leases, checksum, defused cells; naive: .iterator() and csv; limit: COPY to CSV"
    return [
        Figure("exporting", f"all bugs as {form}", "rows/s", found[form], found["naive"], found["limit"], note)
        for form in ("json", "csv", "xml")
    ]


def _timed(way: Callable[[], int]) -> dict[str, float]:
    began = time.perf_counter()
    rows = way()
    return {"rows": rows / (time.perf_counter() - began)}


def _export(world: World, form: Format) -> int:
    asked = services.request_export(by=world.principal, project_ids=world.projects, format=form)
    while (export := runner.claim()) is not None:
        runner.run(export)
    asked.refresh_from_db()
    if asked.state != State.READY:
        raise RuntimeError(f"the export is {asked.state}: {asked.error}")
    files.discard(asked.file)
    for path in files.of_export(asked.pk):
        path.unlink()
    return asked.rows_done


def _naive(path: Path) -> int:
    bugs = Bug.objects.filter(deleted_at=None).select_related("project", "reporter", "assignee").order_by("pk")
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(selectors.BUG_FIELDS)
        rows = 0
        for bug in bugs.iterator():
            writer.writerow([_naive_cell(bug, name) for name in selectors.BUG_FIELDS])
            rows += 1
    path.unlink()
    return rows


def _naive_cell(bug: Bug, name: str) -> Any:
    if name == "reference":
        return f"{bug.project.key}-{bug.number}"
    if name == "project":
        return bug.project.key
    person = getattr(bug, name) if name in ("reporter", "assignee") else None
    return person.username if person else getattr(bug, name)


def _copy(world: World, path: Path) -> int:
    sql, parameters = selectors.bugs_for(world.principal).query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor, path.open("wb") as file:
        with cursor.cursor.copy(f"COPY ({sql}) TO STDOUT WITH (FORMAT csv, HEADER)", parameters) as copy:
            for block in copy:
                file.write(block)
        rows = cursor.cursor.rowcount
    path.unlink()
    return int(rows)
