"""Groups are moved and taken apart while errors go on coming in: every count is right in the end."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.models import Sum
from django.utils import timezone

from audit.actors import SYSTEM
from bugs.ingest import regrouping as runner
from bugs.ingest.digest import writer
from bugs.ingest.reading.normalize import Report, normalize
from bugs.models import AffectedUser, Bug, ErrorGroup, ErrorReport, GroupingRule, RollupDelta
from bugs.services import grouping, regrouping

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ("KeyError", "ValueError", "TypeError")
ROUNDS = 12


def error(kind: str, region: str, user: str) -> Report:
    frame = {"function": f"do_{kind}", "module": f"shop.{kind}", "in_app": True}
    raised = {"type": kind, "value": "bad", "stacktrace": {"frames": [frame]}}
    event = {"exception": [raised], "tags": {"region": region}, "user": {"id": user}}
    now = timezone.now()
    return normalize({**event, "timestamp": now.isoformat()}, received_at=now, event_id=uuid4())


def at_once(*works: Callable[[], None]) -> None:
    """Each in a thread and a connection of its own; what one raises is raised."""
    failed: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as caught:
            failed.append(caught)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def patiently(work: Callable[[], Any]) -> None:
    """A deadlock that PostgreSQL ended is tried again, as readers of arrivals and callers of the API do."""
    for _ in range(5):
        try:
            work()
            return
        except OperationalError:
            continue
    work()


def check_counts(project: Any) -> None:
    for group in ErrorGroup.objects.all():
        stored = ErrorReport.objects.filter(group_id=group.pk)
        counted = RollupDelta.objects.filter(measure="errors", group_id=group.pk).aggregate(n=Sum("amount"))["n"] or 0
        users = AffectedUser.objects.filter(group_id=group.pk).count()
        assert (group.reports, counted, group.users) == (stored.count(), stored.count(), users), group
        if group.merged_into:
            assert (group.merged_into.merged_into_id, group.bug_id) == (None, group.merged_into.bug_id), group
    for bug in Bug.objects.filter(project=project):
        mine = ErrorGroup.objects.filter(bug=bug)
        users = AffectedUser.objects.filter(group_id__in=mine.values("pk")).values("user_key").distinct().count()
        assert (bug.error_count, bug.user_count) == (mine.aggregate(n=Sum("reports"))["n"] or 0, users), bug


@pytest.fixture
def some_groups(web: Any) -> dict[str, Any]:
    writer.accept(web.pk, [error(kind, region, f"{kind}{region}") for kind in KINDS for region in ("EU", "US")])
    return {kind: ErrorGroup.objects.get(title__startswith=kind) for kind in KINDS}


def test_errors_come_in_while_groups_are_merged_and_split(web: Any, some_groups: dict[str, Any]) -> None:
    one, two, _ = (group.pk for group in some_groups.values())

    def ingest(user: str) -> Callable[[], None]:
        def work() -> None:
            for number in range(ROUNDS):
                batch = [error(kind, "EU", f"{user}{number % 3}") for kind in KINDS]
                patiently(lambda batch=batch: writer.accept(web.pk, batch))  # type: ignore[misc]

        return work

    def move() -> None:
        for _ in range(ROUNDS):
            patiently(lambda: grouping.merge(one, into=two, by=SYSTEM))
            patiently(lambda: grouping.undo(one, by=SYSTEM))

    at_once(ingest("a"), ingest("b"), move)
    check_counts(web)
    assert ErrorReport.objects.count() == 6 + 2 * ROUNDS * len(KINDS)


def test_errors_come_in_while_a_group_is_taken_apart(web: Any, some_groups: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "CHUNK", 5)
    kind, group = "KeyError", some_groups["KeyError"]
    writer.accept(web.pk, [error(kind, region, f"u{n % 7}") for n in range(40) for region in ("EU", "US")])
    GroupingRule.objects.create(
        project=web,
        name="By region",
        match=[{"field": "tag.region", "pattern": "US"}],
        fingerprint=["{{ default }}", "{{ tag.region }}"],
        created_at=timezone.now(),
    )
    regrouping.request(group.pk, by=SYSTEM)

    def ingest() -> None:
        for number in range(ROUNDS):
            batch = [error(kind, region, f"v{number}") for region in ("EU", "US")]
            patiently(lambda batch=batch: writer.accept(web.pk, batch))  # type: ignore[misc]

    at_once(ingest, lambda: patiently(lambda: runner.run_due(60)), lambda: patiently(lambda: runner.run_due(60)))
    check_counts(web)
    assert sorted(ErrorGroup.objects.filter(title__startswith=kind).values_list("reports", flat=True)) == [
        41 + ROUNDS,
        41 + ROUNDS,
    ]
