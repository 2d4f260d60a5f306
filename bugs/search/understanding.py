"""From what was typed to what is searched: terms, corrections, one tsquery."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from bugs.models import Bug
from bugs.search import beginnings, corrections, queries, text


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text is searched as.

    corrected: typed word -> word that is searched instead. did_you_mean: the text as it would be corrected.
    """

    query: queries.Query = queries.EMPTY
    is_blank: bool = True
    corrected: dict[str, str] = field(default_factory=dict)
    did_you_mean: str | None = None

    @property
    def wanted(self) -> queries.Query | None:
        """None when nothing was typed: then all bugs are wanted."""
        return None if self.is_blank else self.query


def understood(typed: str, *, projects: Collection[UUID], bugs: QuerySet[Bug], exact: bool) -> Understood:
    """For those who may see the bugs of these projects. Raises BadText."""
    terms = text.parse(typed)
    if not terms:
        return Understood(is_blank=not typed.strip())
    terms = beginnings.completed(terms, projects)
    right = corrections.corrections(terms, projects, bugs)
    better = corrections.corrected(terms, right)
    if exact:
        return Understood(queries.compiled(terms), False, {}, text.written(better) if right else None)
    return Understood(queries.compiled(better), False, right)
