"""Keeping the words of a bug as its texts change, in the transaction that changes them."""

from uuid import UUID

from django.db import connection

from bugs.models import Bug, Comment, ErrorGroup
from bugs.query import words

MAX_COMMENTS = 200
MAX_GROUPS = 50
MAX_STEMMED = 100_000  # characters of one part

_KEEP = """
    UPDATE bugs_bug SET words = %s::tsvector,
        stems = setweight(to_tsvector('english', %s), 'A') || setweight(to_tsvector('english', %s), 'B')
            || setweight(to_tsvector('english', %s), 'C') || setweight(to_tsvector('english', %s), 'D')
    WHERE id = %s
"""


def reindex(bug_id: UUID) -> None:
    """Read every text of a bug again: its own, public comments, messages of its errors."""
    bug = Bug.objects.only("title", "description", "steps", "expected", "actual").get(pk=bug_id)
    body = "\n".join(filter(None, (bug.description, bug.steps, bug.expected, bug.actual)))
    said = Comment.objects.filter(bug_id=bug_id, is_internal=False, deleted_at=None).order_by("-created_at")
    comments = "\n".join(said.values_list("body", flat=True)[:MAX_COMMENTS])
    groups = ErrorGroup.objects.filter(bug_id=bug_id).order_by("-last_seen_at")
    errors = "\n".join(groups.values_list("title", flat=True)[:MAX_GROUPS])
    parts = (bug.title, body, comments, errors)
    exact = words.vector(zip("ABCD", parts, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [exact, *(part[:MAX_STEMMED] for part in parts), bug_id])
