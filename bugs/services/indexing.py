"""Keeping the words of a bug as its texts change, in the transaction that changes them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from bugs.models import Bug, Comment, ErrorGroup
from bugs.models.words import CONFIGURATION
from bugs.query import words

MAX_COMMENTS = 200
MAX_GROUPS = 50
MAX_STEMMED = 100_000  # characters of one part
MIN_LETTERS, MAX_LETTERS = 3, 60  # of a word that the vocabulary keeps
MAX_VOCABULARY = 1_000  # distinct words that one bug brings to it
CHUNK = 200  # bugs of one transaction when all are read again

_KEEP = f"""
    UPDATE bugs_bug SET words = %s::tsvector,
        stems = setweight(to_tsvector('{CONFIGURATION}', %s), 'A')
            || setweight(to_tsvector('{CONFIGURATION}', %s), 'B')
            || setweight(to_tsvector('{CONFIGURATION}', %s), 'C')
            || setweight(to_tsvector('{CONFIGURATION}', %s), 'D')
    WHERE id = %s
"""  # noqa: S608
# In one order, so that two bugs that bring the same new words do not wait for each other in a circle.
_LEARN = """
    INSERT INTO bugs_word (project_id, word)
    SELECT %s, word FROM unnest(%s::text[]) word
    WHERE NOT EXISTS (SELECT FROM bugs_word known WHERE known.project_id = %s AND known.word = word.word)
    ORDER BY word ON CONFLICT DO NOTHING
"""
_FORGET = """
    DELETE FROM bugs_word known USING unnest(%s::text[], %s::text[]) AS lost(word, query)
    WHERE known.project_id = %s AND known.word = lost.word
      AND NOT EXISTS (SELECT FROM bugs_bug b WHERE b.project_id = known.project_id AND b.words @@ lost.query::tsquery)
"""


def reindex(bug_id: UUID) -> None:
    """Read every text of a bug again: its own, public comments, messages of its errors."""
    bug = Bug.objects.only("project_id", "title", "description", "steps", "expected", "actual").get(pk=bug_id)
    parts = _parts(bug)
    exact = words.vector(zip("ABCD", parts, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [exact, *(part[:MAX_STEMMED] for part in parts), bug_id])
        cursor.execute(_LEARN, [bug.project_id, vocabulary(parts), bug.project_id])


def lexemes(bug_id: UUID) -> frozenset[str]:
    """The words that a bug is found by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(words) FROM bugs_bug WHERE id = %s", [bug_id])
        return frozenset(cursor.fetchone()[0])


def forget(project_id: UUID, lost: Iterable[str]) -> None:
    """Take words out of the vocabulary that no bug of the project has any more; lost: by some bug."""
    words_lost = sorted(lost)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [words_lost, [words.quoted(word) for word in words_lost], project_id])


def reindex_all(project_id: UUID | None = None) -> Iterator[int]:
    """Read all bugs again, a chunk to a transaction; yields how many each one had."""
    bugs = Bug.objects.filter(project_id=project_id) if project_id else Bug.objects.all()
    last = UUID(int=0)
    while ids := list(bugs.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            locked = Bug.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
            for bug_id in list(locked.values_list("pk", flat=True)):
                reindex(bug_id)
        last = ids[-1]
        yield len(ids)


def vocabulary(parts: Iterable[str]) -> list[str]:
    """The distinct words of texts that a search may be put right with, in order; the first ones of a long text."""
    found = (word for part in parts for word in words.of(part) if MIN_LETTERS <= len(word) <= MAX_LETTERS)
    return sorted(islice(dict.fromkeys(word for word in found if not word.isnumeric()), MAX_VOCABULARY))


def _parts(bug: Bug) -> tuple[str, str, str, str]:
    body = "\n".join(filter(None, (bug.description, bug.steps, bug.expected, bug.actual)))
    said = Comment.objects.filter(bug_id=bug.pk, is_internal=False, deleted_at=None).order_by("-created_at")
    comments = "\n".join(said.values_list("body", flat=True)[:MAX_COMMENTS])
    groups = ErrorGroup.objects.filter(bug_id=bug.pk).order_by("-last_seen_at")
    errors = "\n".join(groups.values_list("title", flat=True)[:MAX_GROUPS])
    return bug.title, body, comments, errors
