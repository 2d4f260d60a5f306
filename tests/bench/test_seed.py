"""What the generator writes is what the services would have kept."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bugs.models import Bug, Comment, ErrorGroup, ErrorReport, Project, Session
from bugs.models.words import Word
from bugs.services import indexing
from tests.bugs import seeded

BUGS, ERRORS = 1_500, 3_000


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def digests(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[str]]:
    """Of three fillings: one, the same again, one of another day. The tests see the last, which is like the first."""
    days = (seeded.UNTIL, datetime(2026, 5, 1, tzinfo=UTC), seeded.UNTIL)
    found = []
    with django_db_blocker.unblock(), ExitStack() as last:
        for day in days:
            last.close()
            last.enter_context(seeded.database("seeded", bugs=BUGS, errors=ERRORS, until=day))
            found.append(digest())
        yield found


def all_of(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def digest() -> str:
    rows = all_of("SELECT id, number, title, description, words::text, status, updated_at FROM bugs_bug ORDER BY id")
    rows += all_of("SELECT id, group_id, occurred_at, message FROM bugs_errorreport ORDER BY id")
    return sha256(repr(rows).encode()).hexdigest()


def test_there_is_as_much_as_was_asked_for() -> None:
    assert (Bug.objects.count(), ErrorReport.objects.count()) == (BUGS, ERRORS)


def test_words_and_stems_are_those_that_indexing_keeps() -> None:
    kept = "SELECT id, words::text, stems::text FROM bugs_bug ORDER BY id DESC LIMIT 150"
    generated, vocabulary = all_of(kept), Word.objects.count()
    for bug_id, _, _ in generated:
        indexing.reindex(bug_id)
    assert generated == all_of(kept)
    assert Word.objects.count() == vocabulary


def test_some_reports_belong_to_sessions() -> None:
    keys = Session.objects.values_list("key", flat=True)
    assert keys
    assert ErrorReport.objects.filter(session_id__in=keys).count() == len(keys)


def test_counts_of_bugs_and_groups_are_those_of_their_rows() -> None:
    public = Comment.objects.filter(is_internal=False).count()
    assert sum(Bug.objects.values_list("comment_count", flat=True)) == public
    assert sum(ErrorGroup.objects.values_list("reports", flat=True)) == ERRORS
    assert sum(Bug.objects.values_list("error_count", flat=True)) == ERRORS


def test_times_follow_the_lifecycle() -> None:
    wrong = """SELECT count(*) FROM bugs_bug WHERE triaged_at < created_at OR resolved_at < triaged_at
        OR closed_at < resolved_at OR (status IN ('resolved', 'closed')) <> (resolved_at IS NOT NULL)
        OR (status IN ('resolved', 'closed')) <> (resolution <> '') OR (status = 'closed') <> (closed_at IS NOT NULL)
        OR updated_at < created_at"""
    assert all_of(wrong) == [(0,)]


def test_numbers_follow_time_in_each_project() -> None:
    wrong = """SELECT count(*) FROM (SELECT number, row_number() OVER (PARTITION BY project_id ORDER BY created_at, id)
        AS place FROM bugs_bug) n WHERE number <> place"""
    assert all_of(wrong) == [(0,)]
    web = Project.objects.get(key="WEB")
    assert web.next_bug_number == 1 + Bug.objects.filter(project=web).count()


def test_every_index_is_there_again() -> None:
    names = {row[0] for row in all_of("SELECT indexname FROM pg_indexes WHERE tablename = 'bugs_bug'")}
    assert {index.name for index in Bug._meta.indexes} <= names


def test_a_database_with_bugs_is_left_alone() -> None:
    with pytest.raises(CommandError, match="has bugs"):
        call_command("seed_bench", bugs=10, errors=10)


def test_the_same_seed_and_day_make_the_same_data(digests: list[str]) -> None:
    assert digests[0] == digests[2]


def test_another_day_makes_other_data(digests: list[str]) -> None:
    assert digests[0] != digests[1]
