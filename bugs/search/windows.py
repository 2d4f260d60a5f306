"""The rows that one search reads at most, as sub-selects with a limit: no estimate of the planner can make it more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from bugs.search import estimates

MAX_BY_WORDS = 5_000  # bugs with the words, read wherever they lie
NEVER_BY_WORDS = 50_000  # expected bugs with the words, from which it is not even tried
MAX_NEWEST = 6_000  # the newest of all bugs lie side by side
MAX_OF_PROJECTS = 3_000  # the newest of some projects lie apart: each costs a page
MAX_MERGED = 32  # projects whose newest are merged
WIDE = 0.25  # share of all bugs from which a gate is looked for among the newest of all
NARROWING = ("component", "severity", "status")  # each has an index by project, value, time
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Gate:
    """What is known of the rows before they are read: their projects, and the value of a column with an index."""

    projects: Collection[UUID]
    narrowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """Rows of bugs_bug with their `place`; one more than `size`, to know that there are more."""

    sql: str
    values: tuple[Any, ...]
    size: int
    is_ordered: bool


def by_words(query: str) -> Window:
    """Through the index of words. In no order: of use only when all of them fit."""
    return _bounded("SELECT * FROM bugs_bug WHERE stems @@ %s::tsquery", (query,), MAX_BY_WORDS)


def newest(gate: Gate, start: Place | None = None, *, back: bool = False) -> Window:
    """Beyond a place, through an index in the order of time."""
    order = "created_at, id" if back else "created_at DESC, id DESC"
    beyond, at = (f"(created_at, id) {'>' if back else '<'} (%s, %s)", start) if start else ("TRUE", ())
    is_few = len(gate.projects) == 1 or bool(gate.narrowed) or estimates.share_of(gate.projects) < WIDE
    if not is_few or len(gate.projects) > MAX_MERGED:
        return _bounded(f"SELECT * FROM bugs_bug WHERE {beyond} ORDER BY {order}", at, MAX_NEWEST, order)  # noqa: S608
    return _merged(gate, beyond, at, order)


def _merged(gate: Gate, beyond: str, at: tuple[Any, ...], order: str) -> Window:
    columns = [name for name in NARROWING if name in gate.narrowed][:1]
    where = "".join(f" AND {name} = %s" for name in columns)
    one = f"(SELECT * FROM bugs_bug WHERE project_id = %s{where} AND {beyond} ORDER BY {order})"  # noqa: S608
    narrowed = [gate.narrowed[name] for name in columns]
    every = " UNION ALL ".join([one] * len(gate.projects))
    values = tuple(value for project in gate.projects for value in (project, *narrowed, *at))
    return _bounded(f"SELECT * FROM ({every}) merged ORDER BY {order}", values, MAX_OF_PROJECTS, order)  # noqa: S608


def _bounded(rows: str, values: tuple[Any, ...], size: int, order: str = "") -> Window:
    # Numbered in the order they come in, so that whoever takes the first hits need not read the others.
    sql = f"SELECT *, row_number() OVER ({order and 'ORDER BY'} {order}) AS place FROM ({rows} LIMIT {size + 1}) looked"  # noqa: S608
    return Window(sql, values, size, bool(order))
