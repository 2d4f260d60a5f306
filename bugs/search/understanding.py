"""From what was typed to what is searched: terms, corrections, one tsquery."""

from dataclasses import dataclass, field

from django.db.models import QuerySet

from audit.actors import Principal
from bugs.models import Bug
from bugs.search import corrections, queries, text


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text is searched as.

    corrected: typed word -> word that is searched instead. did_you_mean: the text as it would be corrected.
    """

    query: queries.Query = queries.EMPTY
    is_blank: bool = True
    corrected: dict[str, str] = field(default_factory=dict)
    did_you_mean: str | None = None

    def hits(self, bugs: QuerySet[Bug]) -> QuerySet[Bug]:
        """Those bugs of a gated queryset that match; all of them when nothing was typed."""
        if self.is_blank:
            return bugs
        return bugs.filter(queries.Matches(self.query.every)) if self.query else bugs.none()


def understood(typed: str, *, principal: Principal, exact: bool) -> Understood:
    """Raises BadText."""
    terms = text.parse(typed)
    if not terms:
        return Understood(is_blank=not typed.strip())
    right = corrections.corrections(terms, principal)
    better = corrections.corrected(terms, right)
    if exact:
        return Understood(queries.compiled(terms), False, {}, text.written(better) if right else None)
    return Understood(queries.compiled(better), False, right)
