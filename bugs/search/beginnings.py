"""Known words that begin as typed, of which the stemmer cuts off more than was left out: their stems are shorter."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection

from bugs.models.words import CONFIGURATION
from bugs.search.text import Term

MIN_LETTERS = 4  # of a beginning; of a shorter one hardly any stem is shorter
MAX_KNOWN = 10  # words of one beginning
MAX_LOOKED_UP = 5  # beginnings of one search

_KNOWN = f"""
    SELECT DISTINCT word FROM bugs_word WHERE word LIKE %s AND project_id = ANY(%s::uuid[])
    AND NOT to_tsvector('{CONFIGURATION}', word) @@ to_tsquery('simple', %s) ORDER BY word LIMIT {MAX_KNOWN}
"""  # noqa: S608


def completed(terms: Sequence[Term], projects: Collection[UUID]) -> tuple[Term, ...]:
    """The same terms; those that are beginnings with the words that would be missed."""
    long = [term for term in terms if term.is_prefix and len(term.text) >= MIN_LETTERS][:MAX_LOOKED_UP]
    return tuple(replace(term, also=_known(term.text.casefold(), projects)) if term in long else term for term in terms)


def _known(beginning: str, projects: Collection[UUID]) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        pattern = beginning.replace("_", r"\_") + "%"
        cursor.execute(_KNOWN, [pattern, list(projects), f"'{beginning}':*"])
        return tuple(row[0] for row in cursor.fetchall())
