"""Terms as a tsquery: made by PostgreSQL from each term alone, so nothing typed is ever read as an operator."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField, F, Func, Value

from bugs.models.words import CONFIGURATION
from bugs.search.text import Term

_WORDS = f"plainto_tsquery('{CONFIGURATION}', %s)"
_PHRASE = f"phraseto_tsquery('{CONFIGURATION}', %s)"
# Words are kept stemmed; the beginning of one may end within what the stemmer cuts off, or just before.
_PREFIX = f"to_tsquery('simple', %s) || to_tsquery('{CONFIGURATION}', %s)"


@dataclass(frozen=True, slots=True)
class Query:
    """A tsquery as text, in three ways.

    every: what must match. either: any of what may be shown as the reason. loose: words that every match has, in
    whatever order: what an index finds without a look at the rows; empty when nothing is wanted, only excluded.
    """

    every: str
    either: str
    loose: str

    def __bool__(self) -> bool:
        return bool(self.every)


EMPTY = Query("", "", "")


def compiled(terms: Sequence[Term]) -> Query:
    """An empty query when the terms hold nothing but stop words."""
    if not terms:
        return EMPTY
    every = " && ".join(f"{'!!' if term.is_excluded else ''}{_sql(term)}" for term in terms)
    wanted = [term for term in terms if not term.is_excluded]
    either = " || ".join(map(_sql, wanted)) or "''::tsquery"
    loose = " && ".join(_sql(term, _WORDS) for term in wanted) or "''::tsquery"
    values = [value for term in (*terms, *wanted, *wanted) for value in _values(term)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({every})::text, ({either})::text, ({loose})::text", values)
        return Query(*cursor.fetchone())


class Matches(Func):
    """Whether stems match a tsquery. A constant in the statement: the planner must see what it looks for."""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, query: str) -> None:
        super().__init__(F("stems"), Value(query))


def _sql(term: Term, whole: str = _PHRASE) -> str:
    return f"({' || '.join([_PREFIX, *[_WORDS] * len(term.also)])})" if term.is_prefix else whole


def _values(term: Term) -> list[str]:
    if not term.is_prefix:
        return [term.text]
    beginning = f"'{term.text}':*"  # letters, digits and _ alone: `text` saw to it
    return [beginning, beginning, *term.also]
