"""One search: its candidates, read once for pages, facets and the count; and how it goes on beyond them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from bugs.models import Bug
from bugs.search import candidates, queries, ranking
from bugs.search.candidates import Candidates
from bugs.search.ranking import Place
from bugs.search.windows import Gate
from config.api.pagination import Found


@dataclass(frozen=True)
class Search:
    """Bugs of a gated queryset that match a query, in the order of a sort."""

    bugs: QuerySet[Bug]
    query: queries.Query | None
    gate: Gate
    sort: str

    @cached_property
    def candidates(self) -> Candidates:
        return candidates.find(self.bugs, self.query, self.gate, is_ranked=self.sort == "relevance")

    def page(self, start: Place | None, back: bool, limit: int) -> Found:
        """The places beyond one, nearest first. By time they go on to the last bug, a bounded look to a page."""
        if self.sort != "recency" or self.candidates.is_complete:
            every = ranking.ranked(self.candidates, self.sort)
            return Found(ranking.page_of(every, start, back=back, limit=limit))
        found = self.candidates
        if start is not None:
            found = candidates.find(self.bugs, self.query, self.gate, start, back=back, is_ranked=False)
        places = [(at, UUID(bug_id)) for at, bug_id in zip(found.times(), found.ids(), strict=True)][:limit]
        return Found(places, found.stopped_at if len(places) < limit else None)

    @property
    def told(self) -> dict[str, Any] | None:
        """How many were put in order; None when time is the order, which leaves out none."""
        if self.sort == "recency":
            return None
        return {"candidates": len(self.candidates.rows), "complete": self.candidates.is_complete}

    @property
    def count(self) -> dict[str, Any]:
        is_exact = self.candidates.is_complete
        return {"count": len(self.candidates.rows), "count_is": "exact" if is_exact else "at_least"}
