"""Counting everything again and putting the rollups right, a chunk at a time, while everybody goes on writing.

One statement, so one snapshot, counts a chunk and adds `recount - (rollups + differences)` to the rollups. Writers keep
that difference as it was whatever they do meanwhile, and so do folders: nobody waits for anybody. A chunk is a piece of
one measure of one project; where the pieces end is only a guess at equal amounts, so it may be asked beforehand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit.identifiers import first_of
from bugs import rollups
from bugs.services import full_counts
from bugs.services.folding import VALUES
from bugs.services.full_counts import LATEST

FACTS = 25_000  # of a chunk, about
BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_REPAIR_LOCK = 7_003_005
_NAMES = ", ".join(rollups.COLUMNS[1:])

_REPAIR = f"""
    WITH counted AS MATERIALIZED ({{recount}}),
    difference AS (
        SELECT {_NAMES}, sum(count) AS count FROM (
            SELECT {_NAMES}, count FROM counted
            UNION ALL
            SELECT {_NAMES}, -count FROM bugs_rollup
            WHERE project_id = %s AND measure = %s AND period >= %s AND period < %s
            UNION ALL
            SELECT {_NAMES}, -amount FROM bugs_rollupdelta
            WHERE project_id = %s AND measure = %s AND period >= %s AND period < %s
        ) all_of_them
        WHERE period >= coalesce((
            SELECT reports_from + interval '1 day' FROM bugs_project WHERE id = %s AND %s = 'errors'
        ), '-infinity')
        GROUP BY {_NAMES} HAVING sum(count) <> 0
    ), repaired AS (
        INSERT INTO bugs_rollup AS r (project_id, measure, key, {_NAMES}, count)
        SELECT %s, %s, md5(ROW({VALUES})::text)::uuid AS key, {_NAMES}, count FROM difference
        ORDER BY period, key
        ON CONFLICT (project_id, measure, period, key) DO UPDATE SET count = r.count + excluded.count
    )
    SELECT (SELECT count(*) FROM counted), (SELECT count(*) FROM difference)
"""  # noqa: S608 - names of ours
_KEPT = """
    (SELECT period AS at FROM bugs_rollup WHERE project_id = %s AND measure = %s AND period >= %s
     ORDER BY period OFFSET %s LIMIT 1)
    UNION ALL
    (SELECT period FROM bugs_rollupdelta WHERE project_id = %s AND measure = %s AND period >= %s
     ORDER BY period OFFSET %s LIMIT 1)
"""
_BUG = """
    SELECT {at} FROM bugs_bug WHERE project_id = %s AND deleted_at IS NULL AND {at} >= %s
    ORDER BY {at} OFFSET %s LIMIT 1
"""
_REPORT = "SELECT id FROM bugs_errorreport WHERE project_id = %s AND id >= %s ORDER BY id OFFSET %s LIMIT 1"
_FIRSTS = """
    SELECT (SELECT id FROM bugs_errorreport ORDER BY id LIMIT 1), least(
        (SELECT min(period) FROM bugs_rollup WHERE project_id = %s AND measure = 'errors'),
        (SELECT min(period) FROM bugs_rollupdelta WHERE project_id = %s AND measure = 'errors'))
"""


@dataclass(frozen=True, slots=True)
class Repaired:
    """One chunk that was counted again: up to when, how many facts it has, and how many rows were wrong in it."""

    measure: str
    end: datetime
    facts: int
    wrong: int


def recount(project_id: UUID) -> Iterator[Repaired]:
    """Put the rollups of one project right, telling of each chunk when it is committed."""
    for measure in rollups.BUG_MEASURES:
        yield from _chunks(project_id, measure, BEGINNING)
    yield _repair(project_id, rollups.REOPENED, BEGINNING, END)
    if start := _first_of_reports(project_id):
        yield from _chunks(project_id, rollups.ERRORS, start)


def _chunks(project_id: UUID, measure: str, start: datetime) -> Iterator[Repaired]:
    while start < END:
        end = _end(project_id, measure, start)
        yield _repair(project_id, measure, start, end)
        start = end


@transaction.atomic
def _repair(project_id: UUID, measure: str, start: datetime, end: datetime) -> Repaired:
    sql, parameters = full_counts.of(measure, project_id, start, end)
    chunk: list[Any] = [project_id, measure, start, end]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REPAIR_LOCK])  # two repairs would both add the difference
        cursor.execute(
            _REPAIR.format(recount=sql), [*parameters, *chunk, *chunk, project_id, measure, project_id, measure]
        )
        return Repaired(measure, end, *cursor.fetchone())


def _end(project_id: UUID, measure: str, start: datetime) -> datetime:
    """Where a chunk ends that has about FACTS facts, and not more than so many rows of rollups."""
    asked: list[Any] = [project_id, measure, start, FACTS]
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [*asked, *asked])
        places = [at for (at,) in cursor.fetchall()]
        if measure == rollups.ERRORS:
            cursor.execute(_REPORT, [project_id, first_of(start), FACTS])
            places += [_arrival(identifier) for (identifier,) in cursor.fetchall()]
        else:
            cursor.execute(_BUG.format(at=f"{measure}_at"), [project_id, start, FACTS])
            places += [at for (at,) in cursor.fetchall()]
    return max(rollups.period_of(min(places)), start + rollups.PERIOD) if places else END


def _first_of_reports(project_id: UUID) -> datetime | None:
    """From when on reports are counted again. Counts of reports that are gone stay: their days are left alone.

    `Project.reports_from` says how far retention has gone, in the statement itself; this knows of other losses.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRSTS, [project_id, project_id])
        first_id, first_kept = cursor.fetchone()
    if first_id is None:
        return None
    arrived = _arrival(first_id).replace(hour=0, minute=0, second=0, microsecond=0)
    reaches_back = first_kept is None or first_kept >= arrived - LATEST
    return arrived - LATEST if reaches_back else arrived + full_counts.DAY


def _arrival(identifier: UUID) -> datetime:
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
