"""Words that nobody wrote in these projects, with the nearest ones that someone did."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from bugs.models import Bug
from bugs.search import distance, queries
from bugs.search.text import Term

MAX_LOOKED_UP = 5  # words of one search
MAX_NEAR = 60  # known words that are measured for each

_KNOWN = "SELECT DISTINCT word FROM bugs_word WHERE word = ANY(%s) AND project_id = ANY(%s::uuid[])"
_NEAR = """
    SELECT word FROM bugs_word WHERE word %% %s AND project_id = ANY(%s::uuid[])
    GROUP BY word ORDER BY similarity(word, %s) DESC, word LIMIT %s
"""


def corrections(terms: Sequence[Term], projects: Collection[UUID], bugs: QuerySet[Bug]) -> dict[str, str]:
    """Typed word -> known word, for those that the projects do not know but have a near one of. bugs: theirs."""
    words = list(dict.fromkeys(term.text.casefold() for term in terms if _may_be_wrong(term)))
    if not words or not projects:
        return {}
    projects = list(projects)
    unknown = [word for word in words if word not in _known(words, projects)][:MAX_LOOKED_UP]
    found = {word: _nearest(word, projects) for word in unknown if not _is_written(word, bugs)}
    return {word: right for word, right in found.items() if right}


def corrected(terms: Sequence[Term], right: dict[str, str]) -> tuple[Term, ...]:
    return tuple(
        replace(term, text=right[term.text.casefold()])
        if _may_be_wrong(term) and term.text.casefold() in right
        else term
        for term in terms
    )


def _may_be_wrong(term: Term) -> bool:
    """Plain words of letters: what has digits or signs is a name, and names are not put right."""
    is_plain = not (term.is_excluded or term.is_phrase or term.is_prefix)
    return is_plain and term.text.isalpha() and len(term.text) >= distance.MIN_LETTERS


def _known(words: list[str], projects: list[UUID]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [words, projects])
        return {row[0] for row in cursor.fetchall()}


def _is_written(word: str, bugs: QuerySet[Bug]) -> bool:
    """In another form (the stem is the same), or beyond the words that are kept of a long bug."""
    query = queries.compiled([Term(word)])
    return not query or bugs.filter(queries.Matches(query.every)).exists()


def _nearest(word: str, projects: list[UUID]) -> str | None:
    swapped = _known(distance.swaps(word), projects)
    if swapped:
        return min(swapped)
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [word, projects, word, MAX_NEAR])
        return distance.nearest(word, [row[0] for row in cursor.fetchall()])
