"""Several processes that fill tables side by side, each chunk in a transaction of its own."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections

from bench.seed import bugs, errors, packing
from bench.seed.plan import Plan

REPORTS_AT_ONCE, GROUPS_AT_ONCE = 20_000, 10_000
Part = tuple[Any, ...]
_state: dict[str, Any] = {}

TABLES: dict[str, tuple[str, Callable[..., Iterator[bytes]]]] = {
    "bugs_bug": (bugs.BUG, bugs.rows),
    "bugs_comment": (bugs.COMMENT, bugs.comments),
    "bugs_errorgroup": (errors.GROUP, errors.groups),
    "bugs_affecteduser": (errors.USER, errors.users),
    "bugs_errorreport": (errors.REPORT, errors.reports),
}


def parts(plan: Plan, table: str) -> list[Part]:
    """What one worker does at once: first and last bug or group; of reports the week too."""
    if table in ("bugs_bug", "bugs_comment"):
        return list(plan.calendar.chunks())
    if table == "bugs_errorreport":
        return [
            (week, begin, begin + REPORTS_AT_ONCE)
            for week, codes in enumerate(plan.groups.weeks)
            for begin in range(0, len(codes), REPORTS_AT_ONCE)
        ]
    total = len(plan.groups.bug)
    return [(begin, min(begin + GROUPS_AT_ONCE, total)) for begin in range(0, total, GROUPS_AT_ONCE)]


@contextmanager
def workers(plan: Plan, dsn: str) -> Iterator[Callable[[str], Iterator[int]]]:
    """A way to fill a table, which tells the rows of each part as it is done. Forked: they share the plan."""
    connections.close_all()
    bugs.prepare(plan)
    _state.update(plan=plan, dsn=dsn)
    with multiprocessing.get_context("fork").Pool(max(2, os.cpu_count() or 2), _begin) as pool:
        yield lambda table: pool.imap_unordered(_write, [(table, part) for part in parts(plan, table)])


def _begin() -> None:
    database = psycopg.connect(_state["dsn"])
    database.execute("SET synchronous_commit = off")
    database.commit()
    _state["database"] = database


def _write(asked: tuple[str, Part]) -> int:
    table, part = asked
    names, rows = TABLES[table]
    return packing.copy(_state["database"], table, names, rows(_state["plan"], *part))
