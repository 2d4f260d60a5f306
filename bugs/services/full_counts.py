"""The same counts as SQL over the bugs, the history and the error reports themselves: what a recount compares with."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from audit import selectors as history
from audit.identifiers import first_of
from bugs import rollups

DAY = timedelta(days=1)
LATEST, EARLIEST = timedelta(days=32), timedelta(days=2)  # of a report's arrival, around its moment
Sql = tuple[str, list[Any]]


def of(measure: str, project_id: UUID, start: datetime, end: datetime) -> Sql:
    """Rows of (period, bucket, dimensions, count) with equal ones apart, and the parameters."""
    if measure == rollups.REOPENED:
        return _reopenings(project_id)
    return (_reports if measure == rollups.ERRORS else _bugs)(measure, project_id, start, end)


def _bugs(measure: str, project_id: UUID, start: datetime, end: datetime) -> Sql:
    at = f"{measure}_at"
    took = "NULL::smallint" if measure == rollups.CREATED else _bucket(f"{at} - created_at")
    # The inner query is answered by an index alone; rows are read only where they count.
    sql = f"""
        SELECT {_period(at)} AS period, {took} AS bucket, {_typed(rollups.BUG_DIMENSIONS)}, 1 AS count
        FROM bugs_bug WHERE id IN (
            SELECT id FROM bugs_bug WHERE project_id = %s AND deleted_at IS NULL AND {at} >= %s AND {at} < %s
        )
    """  # noqa: S608 - names of ours
    return sql, [project_id, start, end]


def _reopenings(project_id: UUID) -> Sql:
    moves = history.of_type("bug.status_changed", project_id).filter(data__changes__status__to="reopened")
    inner, parameters = moves.values("occurred_at", "data").query.sql_with_params()
    sql = f"""
        SELECT {_period("occurred_at")} AS period, NULL::smallint AS bucket,
               {_typed(rollups.REOPENED_DIMENSIONS, "data->>'{}'")}, 1 AS count
        FROM ({inner}) moves
    """  # noqa: S608 - names of ours
    return sql, list(parameters)


def _reports(measure: str, project_id: UUID, start: datetime, end: datetime) -> Sql:
    """Reports are found by their ids, which are in order of arrival: only those months are read at all."""
    sql = f"""
        SELECT {_period("occurred_at")} AS period, NULL::smallint AS bucket, {_typed(rollups.ERROR_DIMENSIONS)},
               1 AS count
        FROM bugs_errorreport
        WHERE project_id = %s AND occurred_at >= %s AND occurred_at < %s AND id >= %s AND id < %s
    """  # noqa: S608 - names of ours
    return sql, [project_id, start, end, first_of(start - EARLIEST), first_of(end + LATEST)]


def _period(at: str) -> str:
    return f"date_bin('15 minutes', {at}, '1970-01-01T00:00:00Z'::timestamptz)"


def _bucket(took: str) -> str:
    """`rollups.bucket_of` in SQL."""
    seconds = f"floor(extract(epoch FROM {took}))::float8"
    found = f"least(ceil(ln({seconds}) / {rollups.LOG_GAMMA!r}::float8), {rollups.MAX_BUCKET})"
    return f"(CASE WHEN {seconds} > 1 THEN {found} ELSE 0 END)::smallint"


_TYPES = {"assignee_id": "bigint", "reporter_id": "bigint", "group_id": "uuid"}


def _typed(known: tuple[str, ...], source: str = "{}") -> str:
    """Every dimension as a column; those that this measure does not know are NULL."""
    values = {name: source.format(name) if name in known else "NULL" for name in rollups.DIMENSIONS}
    return ", ".join(f"({value})::{_TYPES.get(name, 'varchar')} AS {name}" for name, value in values.items())
