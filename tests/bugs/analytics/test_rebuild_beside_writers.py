"""A rebuild loses and invents nothing while others write and fold, whatever has been committed when."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from audit.actors import SYSTEM
from audit.identifiers import uuid7
from bugs import people, services
from bugs.models import Bug, ErrorReport, Rollup
from bugs.services import counting, folding, recounting
from tests.bugs.analytics.test_counting import counted, kept, without_reopenings

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(work: Callable[[], Any]) -> None:
    """Run it over a connection of its own, to its end."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        other.submit(run).result(timeout=20)


def report(project_id: Any, days: int) -> Any:
    at = datetime.now(UTC) - timedelta(days=days)
    return services.report(project_id=project_id, by=SYSTEM, title="x", severity="high", created_at=at)


def of_bugs(found: dict) -> dict:
    return {fact: amount for fact, amount in without_reopenings(found).items() if fact.measure != "errors"}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project whose counts are all wrong, in many small chunks."""
    monkeypatch.setattr(recounting, "FACTS", 2)
    project = people.make_project(key="WEB", name="Web shop", by=SYSTEM)
    for days in range(12):
        bug = report(project.pk, days)
        for to in ("triaged", "resolved")[: days % 3]:
            services.change_status(bug.pk, to=to, by=SYSTEM)
    folding.fold()
    Rollup.objects.filter(measure="created").delete()
    Rollup.objects.filter(measure="triaged").update(count=9)
    return project


def test_what_happens_between_the_chunks_is_counted_once(shop):
    def happens() -> None:
        report(shop.pk, 3)
        services.edit(Bug.objects.order_by("created_at")[0].pk, changes={"component": uuid7().hex}, by=SYSTEM)
        folding.fold()

    chunks = recounting.recount(shop.pk)
    for _, _ in zip(range(8), chunks, strict=False):
        elsewhere(happens)
    for _ in chunks:
        pass

    assert of_bugs(kept()) == counted()


def test_a_change_that_is_not_committed_yet_is_counted_once(shop):
    halfway, go_on = threading.Event(), threading.Event()

    def writes() -> None:
        with transaction.atomic():
            report(shop.pk, 5)
            services.delete(Bug.objects.order_by("-created_at")[0].pk, by=SYSTEM)
            halfway.set()
            go_on.wait(20)

    writer = threading.Thread(target=elsewhere, args=(writes,))
    writer.start()
    assert halfway.wait(20)
    try:
        for _ in recounting.recount(shop.pk):
            pass
    finally:
        go_on.set()
        writer.join(20)

    assert of_bugs(kept()) == counted()


def test_writers_and_folders_need_not_wait_for_a_rebuild(shop):
    ended, failures = threading.Event(), []

    def busy() -> None:
        number = 0
        try:
            while not ended.is_set() or number < 5:
                bug = report(shop.pk, number % 12)
                services.change_status(bug.pk, to="triaged", by=SYSTEM)
                folding.fold()
                number += 1
        except Exception as error:
            failures.append(error)

    writer = threading.Thread(target=elsewhere, args=(busy,))
    writer.start()
    try:
        for _ in recounting.recount(shop.pk):
            pass
    finally:
        ended.set()
        writer.join(20)

    assert not failures and of_bugs(kept()) == counted()


def test_errors_that_arrive_meanwhile_are_counted_once(shop):
    def arrive(hours: int) -> None:
        at = datetime.now(UTC) - timedelta(hours=hours)
        values = {"level": "error", "component": "", "environment": "", "release": "", "group_id": uuid7()}
        row = SimpleNamespace(occurred_at=at, **values)
        with transaction.atomic():
            ErrorReport.objects.create(
                project_id=shop.pk, event_id=uuid7(), received_at=datetime.now(UTC), payload=b"", **vars(row)
            )
            counting.errors(shop.pk, [row])

    for hours in range(0, 700, 70):
        arrive(hours)
    before = sum(fact.measure == "errors" for fact in kept())
    Rollup.objects.filter(measure="errors").delete()

    chunks = [
        chunk
        for chunk in recounting.recount(shop.pk)
        if chunk.measure == "created" or elsewhere(lambda: (arrive(100), folding.fold())) is None
    ]

    errors = {fact: amount for fact, amount in kept().items() if fact.measure == "errors"}
    assert sum(errors.values()) == ErrorReport.objects.count() == before + sum(c.measure != "created" for c in chunks)


def test_a_chunk_holds_hardly_more_than_it_may(shop):
    """Only what lies in one quarter of an hour stays together, however much it is."""
    created = [chunk.facts for chunk in recounting.recount(shop.pk) if chunk.measure == "created"]

    assert sum(created) == 12 and max(created) <= 3
