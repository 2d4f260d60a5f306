"""Old error reports go: whole months by dropping their partitions, a project's own older ones by their ids.

What they counted stays: groups, bugs, affected users and rollups tell of them for ever.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit import partitions
from audit.identifiers import first_of
from bugs.models import Project

TABLE, REST = "bugs_errorreport", "bugs_errorreport_rest"
SEEN_FOR = timedelta(days=90)  # a report that comes again later than that counts again
CHUNK = 2_000  # rows of one transaction
RUN_SECONDS = 120.0
LOCK_TIMEOUT, TRIES, PAUSE_SECONDS = "500ms", 5, 1.0  # for a month: whoever uses the table waits behind it
COUNTED_MAX = 100_000  # what a forecast counts to
_BEGINNING = UUID(int=0)
_log = logging.getLogger(__name__)

_OLD = "{whose}id >= %(first)s AND id < %(end)s"
_DELETE = """
    WITH gone AS (
        DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT id FROM {table} WHERE {old} ORDER BY id LIMIT %(most)s))
            AND id >= %(first)s AND id < %(end)s RETURNING id
    )
    SELECT count(*), (SELECT id FROM gone ORDER BY id DESC LIMIT 1) FROM gone
"""
_FORGET = """
    DELETE FROM bugs_seenevent WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM bugs_seenevent WHERE seen_at < %(before)s ORDER BY seen_at LIMIT %(most)s
    ))
"""
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {where} LIMIT %(most)s) old"


@dataclass(frozen=True, slots=True)
class Month:
    """A partition whose reports are all too old."""

    name: str
    is_attached: bool
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Range:
    """Reports that are too old by their ids: of a project, or all that no month took."""

    name: str
    table: str
    project_id: UUID | None
    first: UUID
    cut: datetime

    def sql(self, statement: str) -> str:
        old = _OLD.format(whose="project_id = %(project)s AND " if self.project_id else "")
        return statement.format(table=self.table, old=old, where=old)

    def bounds(self, first: UUID, most: int) -> dict[str, Any]:
        return {"project": self.project_id, "first": first, "end": first_of(self.cut), "most": most}


@dataclass(slots=True)
class Gone:
    """What went, or would go. reports: whose -> how many that were deleted one by one."""

    months: list[Month] = field(default_factory=list)
    reports: dict[str, int] = field(default_factory=dict)
    seen: int = 0
    is_complete: bool = True


def retain(now: datetime | None = None) -> Gone:
    """Drop and delete what is too old, for some minutes; the next run goes on where this one stopped."""
    at, until, gone = now or timezone.now(), time.monotonic() + RUN_SECONDS, Gone()
    if end := _end_of_months(at):
        _remember(Project.objects.all(), end)
    for month in _old_months(end):
        if _drop(month):
            gone.months.append(month)
        else:
            gone.is_complete = False
    for old in _ranges(at, end):
        if old.project_id:
            _remember(Project.objects.filter(pk=old.project_id), old.cut)
        gone.reports[old.name], is_complete = _delete(old, until)
        gone.is_complete &= is_complete
    gone.seen, is_complete = _forget(at - SEEN_FOR, until)
    gone.is_complete &= is_complete
    return gone


def forecast(now: datetime | None = None) -> Gone:
    """What a run would drop and delete; it counts to COUNTED_MAX."""
    at = now or timezone.now()
    end = _end_of_months(at)
    seen = _COUNT.format(table="bugs_seenevent", where="seen_at < %(before)s")
    return Gone(
        months=list(_old_months(end)),
        reports={old.name: _one(old.sql(_COUNT), old.bounds(old.first, COUNTED_MAX))[0] for old in _ranges(at, end)},
        seen=_one(seen, {"before": at - SEEN_FOR, "most": COUNTED_MAX})[0],
    )


def _end_of_months(at: datetime) -> datetime | None:
    """Months that ended by then go; None keeps them for ever."""
    months: int = settings.ERROR_RETENTION_MONTHS
    return partitions.month_start(at, -months) if months > 0 else None


def _old_months(end: datetime | None) -> Iterator[Month]:
    if end is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(partitions.MONTHS, [TABLE])
        found = [Month(*row) for row in cursor.fetchall()]
    yield from (month for month in found if partitions.month_of(TABLE, month.name) < end)


def _ranges(at: datetime, end: datetime | None) -> Iterator[Range]:
    """What goes by its id. Days begin at midnight UTC; what whole months take along is left to them."""
    kept = first_of(end) if end else _BEGINNING
    if end:
        yield Range("no month", REST, None, _BEGINNING, end)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    for project in Project.objects.filter(retention_days__gt=0).order_by("number"):
        cut = midnight - timedelta(days=project.retention_days or 0)
        if end is None or cut > end:
            yield Range(project.key, TABLE, project.pk, kept, cut)


def _remember(projects: QuerySet[Project], cut: datetime) -> None:
    """Before anything goes, so that nobody counts anew what is gone (`recounting`)."""
    projects.filter(Q(reports_from=None) | Q(reports_from__lt=cut)).update(reports_from=cut)


def _drop(month: Month) -> bool:
    """Out of the table first, which is over at once; then its files may take their time."""
    statements = [partitions.detach(TABLE, month.name)] if month.is_attached else []
    return all(_alone(statement) for statement in [*statements, partitions.drop(month.name)])


def _alone(statement: str) -> bool:
    for place in range(TRIES):
        if place:
            time.sleep(PAUSE_SECONDS)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                cursor.execute(statement)
                return True
        except OperationalError:
            _log.warning("not now: %s", statement, exc_info=True)
    return False


def _delete(old: Range, until: float) -> tuple[int, bool]:
    """How many went, and whether that were all."""
    deleted, first = 0, old.first
    while time.monotonic() < until:
        count, last = _one(old.sql(_DELETE), old.bounds(first, CHUNK))
        deleted += count
        if count < CHUNK:
            return deleted, True
        first = last
    return deleted, False


def _forget(before: datetime, until: float) -> tuple[int, bool]:
    forgotten = 0
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, {"before": before, "most": CHUNK})
            count = cursor.rowcount
        forgotten += count
        if count < CHUNK:
            return forgotten, True
    return forgotten, False


def _one(sql: str, parameters: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()
