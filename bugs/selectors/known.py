"""Names that a record knows already: whoever they are of, they are taken out of its other texts."""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from bugs.models import Bug
from bugs.privacy import originals, placeholders
from config import keyring

_OF_USER = "SELECT email, first_name, last_name FROM bugs_user WHERE id = %s"
_OF_BUG = """
    SELECT NULL::uuid, email, first_name, last_name, NULL::bytea FROM bugs_user WHERE id = ANY(%s)
    UNION ALL SELECT id, name, email, '', originals FROM bugs_feedback WHERE bug_id = %s
"""


def of_user(user_id: int | None) -> frozenset[str]:
    """E-mail address and full name of a person."""
    if user_id is None:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_OF_USER, [user_id])
        row = cursor.fetchone()
    return frozenset(_of_person(*row)) if row else frozenset()


def of_bug(bug: Bug, *others: int | None) -> frozenset[str]:
    """Of its reporter, of whoever gave the feedback that it was made of, and of other people beside them."""
    people = [user_id for user_id in (bug.reporter_id, *others) if user_id]
    with connection.cursor() as cursor:
        cursor.execute(_OF_BUG, [people, bug.pk])
        rows = cursor.fetchall()
    found: set[str] = set()
    for feedback_id, one, two, three, column in rows:
        found.update(of_feedback(feedback_id, one, two, column) if feedback_id else _of_person(one, two, three))
    return frozenset(found)


def _of_person(email: str, first: str, last: str) -> Iterator[str]:
    if email:
        yield email
    if first and last:  # one of them alone may be any word
        yield f"{first} {last}"


def of_feedback(row: UUID, name: str, email: str, column: bytes | memoryview | None) -> list[str]:
    """Who gave it: what the row keeps sealed; of one that came before anything was, what its columns say."""
    try:
        taken = originals.opened(column, table="bugs_feedback", row=row)
    except keyring.Unreadable:
        return []  # their key is gone: nobody knows
    said = (taken.get("/name", name), taken.get("/email", email))
    return [text for text in said if text and not placeholders.PLACEHOLDER.fullmatch(text)]
