"""The hits of a search that are ranked and counted: read once, the newest ones, of a bounded number of bugs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from bugs.models import Bug
from bugs.search import estimates, queries, windows
from bugs.search.statements import statement
from bugs.search.windows import Gate, Place, Window

CANDIDATES = 500
FEW = 50  # hits among the newest bugs below which a second look may find more
FACETED = ("status", "severity", "bug_type", "component", "assignee_id", "environment", "release", "error_level")
_COUNTS = ("error_count", "user_count")
_COLUMNS = ("created_at", "id", *FACETED, *_COUNTS)
# Weights of error messages, comments, description, title; a long text is no better for being long.
_RANK = "ts_rank('{0.1, 0.2, 0.4, 1.0}', stems, %s::tsquery, 1)::float8"
# Ranks are made outside, after the limit: inside, every hit would get one before it is thrown away.
# Times and ids are read as text: to make, and compare, hundreds of them took longer than to find the hits.
_RANKED = "SELECT place, {rank}, created_at::text, id::text, {columns} FROM ({hits}) hits"


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows in order of time: rank, time and id as texts, then the columns.

    stopped_at: where the look ended, when it did not get to the end and did not find more than it takes.
    """

    rows: list[tuple[Any, ...]]
    is_complete: bool = True
    stopped_at: Place | None = None

    def values(self, name: str) -> list[Any]:
        at = 1 + _COLUMNS.index(name)
        return [row[at] for row in self.rows]

    def times(self) -> list[datetime]:
        return [datetime.fromisoformat(row[1]) for row in self.rows]

    def ids(self) -> list[str]:
        return [row[2] for row in self.rows]

    def ranks(self) -> list[float]:
        return [row[0] for row in self.rows]


def find(
    bugs: QuerySet[Bug],
    query: queries.Query | None,
    gate: Gate,
    start: Place | None = None,
    *,
    back: bool = False,
    is_ranked: bool = True,
) -> Candidates:
    """The newest of the bugs that match, beyond a place.

    query: None when nothing was typed: then the filters alone find, as in lists.
    """
    if start is not None:
        bugs = _beyond(bugs, start, back=back)
    if query is None:
        return _read(bugs, "", None, back=back)
    hits = bugs.filter(queries.Matches(query.every)) if query else bugs.none()
    rank = query.every if is_ranked else ""

    def newest() -> Candidates:
        return _read(hits, rank, windows.newest(gate, start, back=back), back=back)

    def by_words() -> Candidates:
        return _read(hits, rank, windows.by_words(query.loose), back=back)

    expected = estimates.with_words(query.loose) if query.loose else windows.NEVER_BY_WORDS
    if expected <= windows.MAX_BY_WORDS:
        return _whole(by_words()) or newest()
    found = newest()
    if found.stopped_at is None or len(found.rows) >= FEW or expected >= windows.NEVER_BY_WORDS:
        return found
    return _whole(by_words()) or found


def _whole(found: Candidates) -> Candidates | None:
    """What was found through the index of words, if that was not cut off: its rows are in no order of time."""
    return found if found.stopped_at is None else None


def with_any(bugs: QuerySet[Bug], query: str) -> Candidates:
    """Some bugs that match, through the index of words alone: for words that few have."""
    return _read(bugs, "", windows.by_words(query), back=False)


def _beyond(bugs: QuerySet[Bug], start: Place, *, back: bool) -> QuerySet[Bug]:
    at, bug_id = start
    # The first condition is implied by the second; it is what the index can seek by.
    near = bugs.filter(**{f"created_at__{'gt' if back else 'lt'}e": at})
    return near.exclude(**{"created_at": at, f"id__{'lt' if back else 'gt'}e": bug_id})


def _read(hits: QuerySet[Bug], query: str, window: Window | None, *, back: bool) -> Candidates:
    found = _hits(hits, window, back=back)
    if found is None:
        return Candidates([])
    inner, values = found
    rank, ranked = (_RANK, [query]) if query else ("0", [])
    with connection.cursor() as cursor:
        cursor.execute(_RANKED.format(rank=rank, columns=", ".join(_COLUMNS[2:]), hits=inner), [*ranked, *values])
        rows = cursor.fetchall()
    # A row beyond the window comes along, be it a hit or not, to tell where the window ended.
    ends = [row for row in rows if window and row[0] > window.size]
    kept = [row[1:] for row in rows if not (window and row[0] > window.size)]
    if ends and len(kept) <= CANDIDATES:
        return Candidates(kept, False, _before(ends[0][2], ends[0][3], back=back))
    return Candidates(kept[:CANDIDATES], len(kept) <= CANDIDATES)


def _hits(hits: QuerySet[Bug], window: Window | None, *, back: bool) -> tuple[str, list[Any]] | None:
    place = RawSQL('"bugs_bug"."place"' if window else "0", ())  # noqa: S611  # constants
    rows = hits.annotate(place=place).values("place", "stems", *_COLUMNS)
    if window is None:
        sign = "" if back else "-"
        found = statement(rows.order_by(f"{sign}created_at", f"{sign}id")[: CANDIDATES + 1])
        return (found[0], list(found[1])) if found else None
    found = statement(rows.order_by())
    if found is None:
        return None
    head, _, where = found[0].partition(" WHERE ")
    head = head.replace('FROM "bugs_bug"', f'FROM ({window.sql}) AS "bugs_bug"', 1)
    order = "ASC" if back else "DESC"
    # The end of a window without an order may be anywhere in time, so it has to come first.
    first = "" if window.is_ordered else f'"bugs_bug"."place" > {window.size} DESC, '
    last = f'ORDER BY {first}"bugs_bug"."created_at" {order}, "bugs_bug"."id" {order} LIMIT {CANDIDATES + 1}'
    sql = f'{head} WHERE ({where}) OR "bugs_bug"."place" > {window.size} {last}'
    return sql, [*window.values, *found[1]]


def _before(at: str, bug_id: str, *, back: bool) -> Place:
    """The place just before a row, so that the next look begins with it."""
    return datetime.fromisoformat(at), UUID(int=UUID(bug_id).int + (-1 if back else 1))
