"""What is filled from the rows that are there: the words that searches are put right with, sessions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bugs.services.indexing import MAX_LETTERS, MIN_LETTERS

SESSIONS = timedelta(days=90)  # back from the end
# A bug's `words` are its texts' words; `indexing.vocabulary` keeps these of them. Made before its index comes back.
_LEARN = f"""
    INSERT INTO bugs_word (project_id, word)
    SELECT %s, word FROM (
        SELECT DISTINCT unnest(tsvector_to_array(words)) AS word FROM bugs_bug WHERE project_id = %s
    ) found WHERE length(word) BETWEEN {MIN_LETTERS} AND {MAX_LETTERS} AND word !~ '^[0-9]+$'
"""
_VISIT = """
    INSERT INTO bugs_session (id, project_id, key, user_key, state, environment, release, errors, started_at,
        last_seen_at)
    SELECT id, project_id, session_id, md5(session_id), CASE level WHEN 'fatal' THEN 'crashed' ELSE 'errored' END,
        environment, release, 1, occurred_at - interval '5 minutes', occurred_at
    FROM bugs_errorreport WHERE id >= %s AND session_id LIKE '%%0'
    ON CONFLICT DO NOTHING
"""


def learn(database: Any, projects: list[Any]) -> Iterator[int]:
    """The vocabulary of one project after the other; yields how many words each one has."""
    database.execute("SET work_mem = '256MB'")
    database.commit()
    for project in projects:
        yield database.execute(_LEARN, [project, project]).rowcount
        database.commit()


def visit(database: Any, since: Any) -> None:
    """A session for one of 16 reports since an id."""
    database.execute(_VISIT, [since])
    database.commit()
