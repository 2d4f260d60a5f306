"""Analytics read counts and indexes, never all bugs or all error reports: the plans over many generated rows."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from bugs import intervals
from bugs.models import Bug, Project
from bugs.selectors import analytics, error_rates, figures, performance, series
from bugs.selectors.series import Asked
from bugs.services import full_counts, recounting
from tests.bugs import seeded

_LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > 300 AND relname ~ %s"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def many_bugs(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), seeded.database("analytics", bugs=20_000, errors=20_000):
        call_command("rebuild_rollups", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE bugs_rollup")
        yield


def asked(**filters: list[Any]) -> Asked:
    """A small project in the last 90 days of what was generated."""
    project = Project.objects.get(key="PAY")
    span = intervals.range_of("2026-03-03", "2026-06-01", "day", ZoneInfo("UTC"), now())
    return Asked([project.pk], span, filters)


def now() -> datetime:
    return seeded.UNTIL


def scanned(work: Callable[[], Any]) -> set[str]:
    """The large tables that its statements would read from end to end."""
    statements: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        statements.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(listen):
        work()
    assert statements
    return large() & {table for statement in statements for table in seq_scans(*statement)}


def large() -> set[str]:
    """Bugs, their counts, and the months that have error reports."""
    with connection.cursor() as cursor:
        cursor.execute(_LARGE, ["^bugs_(bug|rollup|errorreport_.*)$"])
        return {name for (name,) in cursor.fetchall()}


def seq_scans(sql: str, parameters: Any) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT json) {sql}", parameters)
        found = cursor.fetchone()[0]
    waiting = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", ())
        if node["Node Type"] == "Seq Scan":
            yield node["Relation Name"]


@pytest.mark.parametrize("filters", [{}, {"severity": ["high"]}, {"component": ["checkout"]}], ids=str)
def test_how_work_goes_reads_indexes(filters: dict[str, list[Any]]) -> None:
    assert scanned(lambda: performance.of_projects(asked(**filters), "severity", now())) == set()


@pytest.mark.parametrize("dimension", ["", "severity", "component", "assignee", "status"])
def test_bugs_over_time_read_indexes(dimension: str) -> None:
    assert scanned(lambda: series.over_time(asked(), "created", dimension)) == set()


@pytest.mark.parametrize("dimension", ["", "level", "group"])
def test_errors_over_time_read_indexes(dimension: str) -> None:
    assert scanned(lambda: error_rates.of_projects(asked(), dimension, now())) == set()


@pytest.mark.parametrize("kind", figures.KINDS)
def test_the_figures_that_streams_tell_read_indexes(kind: str) -> None:
    measured = figures.projects([Project.objects.get(key="PAY").pk])
    assert scanned(lambda: figures.of_projects(kind, measured, now())) == set()


def test_the_figures_of_one_bug_read_indexes() -> None:
    bug = Bug.objects.filter(error_groups__isnull=False).latest("created_at")
    assert scanned(lambda: analytics.of_bug(bug.pk, now=now())) == set()


@pytest.mark.parametrize("measure", ["created", "resolved", "errors"])
def test_a_chunk_of_a_rebuild_reads_indexes(measure: str) -> None:
    project = Project.objects.get(key="PAY").pk
    start = now() - timedelta(days=30)
    sql, parameters = full_counts.of(measure, project, start, now())

    assert large() > {"bugs_bug", "bugs_rollup"} and not large() & set(seq_scans(sql, parameters))
    assert scanned(lambda: recounting._end(project, measure, start)) == set()
