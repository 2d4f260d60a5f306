"""The candidates of a search in their order, and pages of them."""

from typing import Any
from uuid import UUID

from bugs.search.candidates import Candidates

SORTS = ("relevance", "recency", "frequency", "users")
Place = tuple[Any, UUID]
_COUNTS = {"frequency": "error_count", "users": "user_count"}


Ranked = list[tuple[Any, str]]  # places, with ids as texts: these sort as ids do, and faster


def ranked(candidates: Candidates, sort: str) -> Ranked:
    """By relevance, by time, by how often their errors came, or by how many users had them; the best first."""
    match sort:
        case "relevance":
            values: list[Any] = candidates.ranks()
        case "recency":
            values = candidates.times()
        case _:
            values = candidates.values(_COUNTS[sort])
    return sorted(zip(values, candidates.ids(), strict=True), reverse=True)


def page_of(places: Ranked, start: Place | None, *, back: bool, limit: int) -> list[Place]:
    """The places beyond one of them, nearest first."""
    if start is not None:
        border = (start[0], str(start[1]))
        places = [place for place in places if (place > border if back else place < border)]
    page = places[::-1][:limit] if back else places[:limit]
    return [(value, UUID(bug_id)) for value, bug_id in page]
