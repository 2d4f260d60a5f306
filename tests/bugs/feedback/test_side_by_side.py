"""Feedback and errors that are read at the same time by several digests."""

import threading
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.db import connection, transaction

from bugs.ingest.digest import errors, feedback
from bugs.models import Bug, BugLink, Feedback, Project
from bugs.services import feedback as services
from tests.bugs.feedback.conftest import item, said


@pytest.fixture
def project(transactional_db: None) -> Iterator[Project]:
    """Real commits, seen by other connections; afterwards the append-only tables are emptied all the same."""
    yield Project.objects.create(number=7, key="WEB", name="Web")
    with connection.cursor() as cursor:  # until the end of this connection, which follows the flush
        cursor.execute("SET session_replication_role = replica")


def together(*works: Callable[[], object]) -> list[BaseException]:
    """Each in a thread, a connection and a transaction of its own; what failed comes back."""
    barrier, failures = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            with transaction.atomic():
                work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_the_same_feedback_in_several_batches_is_one(project: Project) -> None:
    keys = [uuid4() for _ in range(3)]

    def work(order: int) -> Callable[[], object]:
        batch = [said(key=key) for key in keys[::order]]
        crash = item("event", {"exception": [{"type": f"E{order}"}]}, event_id=uuid4())
        return lambda: (errors.keep(project.pk, [crash]), feedback.keep(project.pk, batch))

    assert together(*(work(order) for order in (1, -1, 1, -1))) == []
    assert Feedback.objects.count() == 3 and Bug.objects.count() == 5


def test_feedback_that_crosses_its_error_is_linked_once(project: Project) -> None:
    events = [uuid4() for _ in range(8)]
    crashes = [item("event", {"exception": [{"type": "E"}]}, event_id=event) for event in events]
    words = [said(about=event) for event in events]
    failures = together(
        *(lambda crash=crash: errors.keep(project.pk, [crash]) for crash in crashes),
        *(lambda word=word: feedback.keep(project.pk, [word]) for word in words),
    )
    assert failures == []
    services.link_left()
    assert BugLink.objects.count() == 8 and not Feedback.objects.filter(error_bug=None).exists()
