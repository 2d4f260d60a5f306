"""Reading what was counted: rollups and the differences not folded yet, in one statement, so answers are exact."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bugs import rollups

TOP = 20
STATUS = "status"
Filters = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """Whose counts, of what, since when; filters are column -> any of these values."""

    project_ids: Collection[UUID]
    measures: Sequence[str]
    start: datetime
    end: datetime
    filters: Filters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """place: which piece of the range, from 1; 0 is before it, one more than there are is after it.

    value: None for all that is not among the top ones.
    """

    place: int
    value: str | None
    count: int


@dataclass(frozen=True, slots=True)
class ProjectCount:
    """As Count, of one project among several; value: "" where there is none."""

    project_id: UUID
    measure: str
    place: int
    value: str
    count: int


_SERIES = """
    WITH cells AS MATERIALIZED (
        SELECT width_bucket(period, %s::timestamptz[]) AS place, coalesce({dimension}::text, '') AS value,
               sum(count)::bigint AS count
        FROM ({source}) kept GROUP BY 1, 2
    ), top AS (
        SELECT value FROM cells WHERE place > 0 GROUP BY value HAVING sum(count) > 0
        ORDER BY sum(count) DESC, value LIMIT %s
    )
    SELECT cells.place, top.value, sum(cells.count)::bigint FROM cells LEFT JOIN top USING (value)
    GROUP BY 1, 2 HAVING sum(cells.count) <> 0 ORDER BY 1, 2
"""
_TOTALS = """
    SELECT dimension, value, count FROM (
        SELECT dimension, value, count, row_number() OVER (PARTITION BY dimension ORDER BY count DESC, value) AS place
        FROM (
            SELECT CASE {case} END AS dimension, coalesce({value}, '') AS value, sum(count)::bigint AS count
            FROM ({source}) kept GROUP BY GROUPING SETS ({sets}) HAVING sum(count) > 0
        ) summed
    ) placed WHERE place <= %s ORDER BY dimension, place
"""
_DURATIONS = """
    SELECT measure, coalesce({dimension}::text, ''), bucket, sum(count)::bigint FROM ({source}) kept
    WHERE bucket IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(count) <> 0
"""
_BY_PROJECT = """
    SELECT project_id, measure, width_bucket(period, %s::timestamptz[]), coalesce({dimension}::text, ''),
           sum(count)::bigint
    FROM ({source}) kept GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0
"""
_DURATIONS_BY_PROJECT = """
    SELECT project_id, measure, coalesce({dimension}::text, ''), bucket, sum(count)::bigint FROM ({source}) kept
    WHERE bucket IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0
"""


def series(question: Question, edges: Sequence[datetime], dimension: str = "", top: int = TOP) -> list[Count]:
    """Counts by piece of the range and value of a dimension; the top values by name, the others together."""
    column = _column(dimension)
    source, parameters = _source(question, column)
    sql = _SERIES.format(dimension=column, source=source)
    return [Count(*row) for row in rows(sql, [list(edges), *parameters, top])]


def totals(question: Question, dimensions: Sequence[str], top: int) -> dict[str, list[tuple[str, int]]]:
    """For each dimension its values that have most, the largest first; all from one reading of the counts."""
    columns = [_column(name) for name in dimensions]
    source, parameters = _source(question, ", ".join(columns))
    sql = _TOTALS.format(
        case=" ".join(f"WHEN GROUPING({column}) = 0 THEN '{column}'" for column in columns),
        value=f"coalesce({', '.join(f'{column}::text' for column in columns)})",
        sets=", ".join(f"({column})" for column in columns),
        source=source,
    )
    found: dict[str, list[tuple[str, int]]] = {column: [] for column in columns}
    for dimension, value, count in rows(sql, [*parameters, top]):
        found[dimension].append((value, count))
    return found


def durations(question: Question, dimension: str = "") -> dict[tuple[str, str], dict[int, int]]:
    """How long things took: (measure, value) -> bucket -> count."""
    column = _column(dimension)
    source, parameters = _source(question, column)
    found: dict[tuple[str, str], dict[int, int]] = {}
    for measure, value, bucket, count in rows(_DURATIONS.format(dimension=column, source=source), parameters):
        found.setdefault((measure, value), {})[bucket] = count
    return found


def by_project(question: Question, edges: Sequence[datetime], dimension: str = "") -> list[ProjectCount]:
    """Counts of each project by itself, by measure, piece of the range and value of a dimension."""
    column = _column(dimension)
    source, parameters = _source(question, _of_project(column))
    sql = _BY_PROJECT.format(dimension=column, source=source)
    return [ProjectCount(*row) for row in rows(sql, [list(edges), *parameters])]


def durations_by_project(question: Question, dimension: str = "") -> dict[UUID, dict[tuple[str, str], dict[int, int]]]:
    """How long things took in each project: (measure, value) -> bucket -> count."""
    column = _column(dimension)
    source, parameters = _source(question, _of_project(column))
    found: dict[UUID, dict[tuple[str, str], dict[int, int]]] = {}
    sql = _DURATIONS_BY_PROJECT.format(dimension=column, source=source)
    for project_id, measure, value, bucket, count in rows(sql, parameters):
        found.setdefault(project_id, {}).setdefault((measure, value), {})[bucket] = count
    return found


def _of_project(column: str) -> str:
    return "project_id" if column == "NULL" else f"project_id, {column}"


def _column(dimension: str) -> str:
    if dimension not in ("", STATUS, *rollups.DIMENSIONS):
        raise ValueError(dimension)  # never reached by what a user writes
    return dimension or "NULL"


def _source(question: Question, column: str) -> tuple[str, list[Any]]:
    """SQL of (measure, period, bucket, dimension, count), and its parameters."""
    if column == STATUS:
        return _bugs_by_status(question)
    wanted = "" if column == "NULL" else f", {column}"
    where, parameters = _where(question)
    sql = f"""
        SELECT measure, period, bucket{wanted}, count FROM bugs_rollup
        WHERE project_id = ANY(%s) AND measure = ANY(%s) AND period >= %s AND period < %s{where}
        UNION ALL
        SELECT measure, period, bucket{wanted}, amount FROM bugs_rollupdelta
        WHERE project_id = ANY(%s) AND measure = ANY(%s) AND period >= %s AND period < %s{where}
    """  # noqa: S608 - columns come from allow-lists
    chunk = [list(question.project_ids), list(question.measures), question.start, question.end, *parameters]
    return _by_head(sql, column) if "group_id" in column else sql, [*chunk, *chunk]


def _by_head(source: str, column: str) -> str:
    """The same with each group counted in the one that it stands behind."""
    wanted = column.replace("group_id", "coalesce(behind.merged_into_id, kept.group_id) AS group_id")
    return f"""
        SELECT measure, period, bucket, {wanted}, count FROM ({source}) kept LEFT JOIN (
            SELECT id, merged_into_id FROM bugs_errorgroup WHERE merged_into_id IS NOT NULL
        ) behind ON behind.id = kept.group_id
    """  # noqa: S608 - SQL of ours


def _bugs_by_status(question: Question) -> tuple[str, list[Any]]:
    """Status passes, so it is not rolled up: the bugs themselves, as they are now, by when they were created."""
    where, parameters = _where(question)
    sql = f"""
        SELECT created_at AS period, status, 1 AS count FROM bugs_bug
        WHERE project_id = ANY(%s) AND deleted_at IS NULL AND created_at >= %s AND created_at < %s{where}
    """  # noqa: S608 - columns come from allow-lists
    return sql, [list(question.project_ids), question.start, question.end, *parameters]


def _where(question: Question) -> tuple[str, list[Any]]:
    sql = "".join(f" AND {_column(name)} = ANY(%s)" for name in question.filters)
    return sql, [list(values) for values in question.filters.values()]


def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What a statement of ours answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
