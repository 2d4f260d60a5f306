"""The hits of a search in their order. Only the newest ones are ranked: that costs the same however many there are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from bugs.models import Bug
from bugs.search.statements import statement

CANDIDATES = 1_000
SORTS = ("relevance", "recency", "frequency", "users")
Place = tuple[Any, UUID]
_END: Place = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))

# Weights of error messages, comments, description, title; a long text is no better for being long.
_RANK = "ts_rank('{0.1, 0.2, 0.4, 1.0}', stems, %s::tsquery, 1)::float8"
# Ranks are made outside, after the limit: inside, every hit would get one before it is thrown away.
_RANKED = "SELECT {value}, id FROM ({hits}) hits"
_VALUES = {"relevance": _RANK, "frequency": "error_count", "users": "user_count"}
_COLUMNS = {"relevance": "stems", "frequency": "error_count", "users": "user_count"}


@dataclass(frozen=True, slots=True)
class Ranked:
    """Places (value, id), the best first, and whether every hit was among the candidates."""

    places: list[Place]
    is_complete: bool


def ranked(hits: QuerySet[Bug], query: str, sort: str) -> Ranked:
    """The newest hits by relevance, by how often their errors came, or by how many users had them."""
    newest = hits.order_by("-created_at", "-id").values("id", _COLUMNS[sort])[: CANDIDATES + 1]
    found = statement(newest)
    if found is None:
        return Ranked([], True)
    inner, parameters = found
    values = [query] if sort == "relevance" else []
    with connection.cursor() as cursor:
        cursor.execute(_RANKED.format(value=_VALUES[sort], hits=inner), [*values, *parameters])
        places: list[Place] = cursor.fetchall()
    # The rows come in the order of the inner statement: the last one over is the oldest.
    return Ranked(sorted(places[:CANDIDATES], reverse=True), len(places) <= CANDIDATES)


def page_of(places: list[Place], start: Place | None, *, back: bool, limit: int) -> list[Place]:
    """The places beyond one of them, nearest first."""
    page = [place for place in places if start is None or (place > start if back else place < start)]
    return page[::-1][:limit] if back else page[:limit]


def newest(hits: QuerySet[Bug], start: Place | None, *, back: bool, limit: int) -> list[Place]:
    """The newest hits beyond a place; unlike ranked ones these go on to the end."""
    at, bug_id = start or _END
    sign, compared = ("", "gt") if back else ("-", "lt")
    if start is not None:
        # The first condition is implied by the second; it is what the index can seek by.
        hits = hits.filter(**{f"created_at__{compared}e": at}).exclude(
            **{"created_at": at, f"id__{'lt' if back else 'gt'}e": bug_id}
        )
    return list(hits.order_by(f"{sign}created_at", f"{sign}id").values_list("created_at", "id")[:limit])
