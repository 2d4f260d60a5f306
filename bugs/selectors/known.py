"""Names that a record knows already: whoever they are of, they are taken out of its other texts."""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from bugs.privacy import originals, placeholders

_OF_USER = "SELECT email, first_name, last_name FROM bugs_user WHERE id = %s"
_OF_BUG = """
    SELECT u.email, u.first_name, u.last_name, f.id, f.name, f.email, f.originals
    FROM bugs_bug b LEFT JOIN bugs_user u ON u.id = ANY(array_append(%s::bigint[], b.reporter_id))
    LEFT JOIN bugs_feedback f ON f.bug_id = b.id WHERE b.id = %s
"""


def of_user(user_id: int | None) -> frozenset[str]:
    """E-mail address and full name of a person."""
    if user_id is None:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_OF_USER, [user_id])
        row = cursor.fetchone()
    return frozenset(_of_person(*row)) if row else frozenset()


def of_bug(bug_id: UUID, *others: int | None) -> frozenset[str]:
    """Of its reporter, of whoever gave the feedback that it was made of, and of other people beside them."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_BUG, [[user_id for user_id in others if user_id], bug_id])
        rows = cursor.fetchall()
    found: set[str] = set()
    for email, first, last, feedback_id, *said in rows:
        found.update(_of_person(email, first, last))
        if feedback_id:
            found.update(of_feedback(feedback_id, *said))
    return frozenset(found)


def _of_person(email: str | None, first: str | None, last: str | None) -> Iterator[str]:
    if email:
        yield email
    if first and last:  # one of them alone may be any word
        yield f"{first} {last}"


def of_feedback(row: UUID, name: str, email: str, column: bytes | memoryview | None) -> list[str]:
    """Who gave it: what the row keeps sealed; of one that came before anything was, what its columns say."""
    taken = originals.opened(column, table="bugs_feedback", row=row)
    said = (taken.get("/name", name), taken.get("/email", email))
    return [text for text in said if text and not placeholders.PLACEHOLDER.fullmatch(text)]
