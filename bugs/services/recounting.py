"""Counting everything again and putting the rollups right, a chunk at a time, while everybody goes on writing.

One statement, so one snapshot, counts a chunk and adds `recount - (rollups + differences)` to the rollups. Writers keep
that difference as it was whatever they do meanwhile, and so do folders: nobody waits for anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit import selectors as history
from audit.identifiers import first_of
from bugs import rollups
from bugs.services.folding import VALUES

WEEK, DAY = timedelta(days=7), timedelta(days=1)
BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
LATEST, EARLIEST = timedelta(days=32), timedelta(days=2)  # of a report's arrival, around its moment
_REPAIR_LOCK = 7_003_001
_NAMES = ", ".join(rollups.COLUMNS[1:])

_REPAIR = f"""
    WITH difference AS (
        SELECT {_NAMES}, sum(count) AS count FROM (
            SELECT {_NAMES}, count FROM ({{recount}}) recount
            UNION ALL
            SELECT {_NAMES}, -count FROM bugs_rollup
            WHERE project_id = %s AND measure = %s AND period >= %s AND period < %s
            UNION ALL
            SELECT {_NAMES}, -amount FROM bugs_rollupdelta
            WHERE project_id = %s AND measure = %s AND period >= %s AND period < %s
        ) all_of_them GROUP BY {_NAMES} HAVING sum(count) <> 0
    ), repaired AS (
        INSERT INTO bugs_rollup AS r (project_id, measure, key, {_NAMES}, count)
        SELECT %s, %s, md5(ROW({VALUES})::text)::uuid AS key, {_NAMES}, count FROM difference
        ORDER BY period, key
        ON CONFLICT (project_id, measure, period, key) DO UPDATE SET count = r.count + excluded.count
    )
    SELECT count(*) FROM difference
"""  # noqa: S608 - names of ours
_NEXT = """
    SELECT min(at) FROM (
        SELECT min({at}) AS at FROM bugs_bug WHERE project_id = %s AND deleted_at IS NULL AND {at} >= %s
        UNION ALL SELECT min(period) FROM bugs_rollup WHERE project_id = %s AND measure = %s AND period >= %s
        UNION ALL SELECT min(period) FROM bugs_rollupdelta WHERE project_id = %s AND measure = %s AND period >= %s
    ) places
"""

_FIRSTS = """
    SELECT (SELECT id FROM bugs_errorreport ORDER BY id LIMIT 1), least(
        (SELECT min(period) FROM bugs_rollup WHERE project_id = %s AND measure = 'errors'),
        (SELECT min(period) FROM bugs_rollupdelta WHERE project_id = %s AND measure = 'errors'))
"""


@dataclass(frozen=True, slots=True)
class Repaired:
    """One chunk that was counted again, and how many rows were wrong in it."""

    measure: str
    start: datetime
    wrong: int


def recount(project_id: UUID) -> Iterator[Repaired]:
    """Put the rollups of one project right, telling of each chunk when it is committed."""
    for measure in rollups.BUG_MEASURES:
        start = _next(project_id, measure, BEGINNING)
        while start:
            end = start + WEEK
            yield _repair(project_id, measure, start, end, _bugs(project_id, measure, start, end))
            start = _next(project_id, measure, end)
    yield _repair(project_id, rollups.REOPENED, BEGINNING, END, _reopenings(project_id))
    for start in _days_of_reports(project_id):
        yield _repair(project_id, rollups.ERRORS, start, start + DAY, _reports(project_id, start, start + DAY))


@transaction.atomic
def _repair(project_id: UUID, measure: str, start: datetime, end: datetime, counted: tuple[str, list[Any]]) -> Repaired:
    sql, parameters = counted
    chunk: list[Any] = [project_id, measure, start, end]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REPAIR_LOCK])  # two repairs would both add the difference
        cursor.execute(_REPAIR.format(recount=sql), [*parameters, *chunk, *chunk, project_id, measure])
        return Repaired(measure, start, cursor.fetchone()[0])


def _next(project_id: UUID, measure: str, start: datetime) -> datetime | None:
    with connection.cursor() as cursor:
        parameters: list[Any] = [project_id, start, *[project_id, measure, start] * 2]
        cursor.execute(_NEXT.format(at=f"{measure}_at"), parameters)
        at: datetime | None = cursor.fetchone()[0]
    return at and rollups.period_of(at)


def _bugs(project_id: UUID, measure: str, start: datetime, end: datetime) -> tuple[str, list[Any]]:
    at = f"{measure}_at"
    took = "NULL::smallint" if measure == rollups.CREATED else _bucket(f"{at} - created_at")
    values = {**dict.fromkeys(rollups.DIMENSIONS, "NULL"), **{name: name for name in rollups.BUG_DIMENSIONS}}
    # The inner query is answered by an index alone; rows are read only where they count.
    sql = f"""
        SELECT {_period(at)} AS period, {took} AS bucket, {_typed(values)}, 1 AS count FROM bugs_bug WHERE id IN (
            SELECT id FROM bugs_bug WHERE project_id = %s AND deleted_at IS NULL AND {at} >= %s AND {at} < %s
        )
    """  # noqa: S608 - names of ours
    return sql, [project_id, start, end]


def _reopenings(project_id: UUID) -> tuple[str, list[Any]]:
    moves = history.of_type("bug.status_changed", project_id).filter(data__changes__status__to="reopened")
    inner, parameters = moves.values("occurred_at", "data").query.sql_with_params()
    values = {**dict.fromkeys(rollups.DIMENSIONS, "NULL")}
    values |= {name: f"data->>'{name}'" for name in rollups.REOPENED_DIMENSIONS}
    sql = f"""
        SELECT {_period("occurred_at")} AS period, NULL::smallint AS bucket, {_typed(values)}, 1 AS count
        FROM ({inner}) moves
    """  # noqa: S608 - names of ours
    return sql, list(parameters)


def _reports(project_id: UUID, start: datetime, end: datetime) -> tuple[str, list[Any]]:
    values = {**dict.fromkeys(rollups.DIMENSIONS, "NULL"), **{name: name for name in rollups.ERROR_DIMENSIONS}}
    sql = f"""
        SELECT {_period("occurred_at")} AS period, NULL::smallint AS bucket, {_typed(values)}, 1 AS count
        FROM bugs_errorreport
        WHERE project_id = %s AND occurred_at >= %s AND occurred_at < %s AND id >= %s AND id < %s
    """  # noqa: S608 - names of ours
    return sql, [project_id, start, end, first_of(start - EARLIEST), first_of(end + LATEST)]


def _days_of_reports(project_id: UUID) -> Iterator[datetime]:
    """Days from the first report on. Counts of reports that are gone stay: their days are not counted again."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRSTS, [project_id, project_id])
        first_id, first_kept = cursor.fetchone()
    if first_id is None:
        return
    arrived = _day_of(first_id)
    reaches_back = first_kept is None or first_kept >= arrived - LATEST
    start = arrived - LATEST if reaches_back else arrived + DAY
    while start < datetime.now(UTC) + EARLIEST:
        yield start
        start += DAY


def _day_of(identifier: UUID) -> datetime:
    made_at = datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
    return made_at.replace(hour=0, minute=0, second=0, microsecond=0)


def _period(at: str) -> str:
    return f"date_bin('15 minutes', {at}, '1970-01-01T00:00:00Z'::timestamptz)"


def _bucket(took: str) -> str:
    """`rollups.bucket_of` in SQL."""
    seconds = f"floor(extract(epoch FROM {took}))::float8"
    found = f"least(ceil(ln({seconds}) / {rollups.LOG_GAMMA!r}::float8), {rollups.MAX_BUCKET})"
    return f"(CASE WHEN {seconds} > 1 THEN {found} ELSE 0 END)::smallint"


_TYPES = {"assignee_id": "bigint", "reporter_id": "bigint", "group_id": "uuid"}


def _typed(values: dict[str, str]) -> str:
    return ", ".join(f"({value})::{_TYPES.get(name, 'varchar')} AS {name}" for name, value in values.items())
