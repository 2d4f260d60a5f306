"""How many rows the planner expects, from its statistics: a search looks for them in the way that reads few."""

import re
from collections.abc import Collection
from uuid import UUID

from django.db import connection

_ROWS = re.compile(r"rows=(\d+)")
_OF_WORDS = "EXPLAIN SELECT FROM bugs_bug WHERE stems @@ %s::tsquery"
_OF_PROJECTS = "EXPLAIN SELECT FROM bugs_bug WHERE project_id = ANY(%s::uuid[])"
_OF_ALL = "EXPLAIN SELECT FROM bugs_bug"


def with_words(query: str) -> int:
    """Bugs that match a tsquery."""
    return _expected(_OF_WORDS, query)


def share_of(projects: Collection[UUID]) -> float:
    """Of all bugs, those of the projects."""
    return _expected(_OF_PROJECTS, list(projects)) / max(1, _expected(_OF_ALL))


def _expected(statement: str, *values: str | list[UUID]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = _ROWS.search(cursor.fetchone()[0])
    return int(found[1]) if found else 0
