"""Reports in the database: counted once, grouped, one bug a problem, also when they arrive together."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest
import zstandard
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from bugs.choices import Status
from bugs.ingest.digest import groups, terms, writer
from bugs.ingest.digest.batch import by_fingerprint
from bugs.ingest.grouping import rules
from bugs.ingest.reading.normalize import normalize
from bugs.models import Bug, ErrorGroup, ErrorReport, Project

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def outcomes(project, reports):
    return [kept.outcome for kept in writer.accept(project.pk, reports)]


def report(kind="ValueError", *, event_id=None, handled=True, **event):
    event["exception"] = [{"type": kind, "value": "bad", "mechanism": {"handled": handled}}]
    return normalize(event, received_at=NOW, event_id=event_id or uuid4())


def test_a_new_problem_becomes_a_bug(project):
    found = report(environment="prod", release="1.0", transaction="/pay")
    assert outcomes(project, [found]) == ["accepted"]
    bug = Bug.objects.get()
    group = ErrorGroup.objects.get()
    assert (group.bug_id, group.reports, group.title) == (bug.pk, 1, "ValueError: bad")
    assert (bug.bug_type, bug.severity) == ("functional", "medium")
    assert (bug.error_level, bug.error_count) == ("error", 1)
    assert (bug.component, bug.environment, bug.release) == ("/pay", "prod", "1.0")
    types = Event.objects.order_by("id").values_list("type", flat=True)
    assert list(types) == ["bug.created", "error_group.created", "release.created"]


@pytest.mark.parametrize(("level", "handled"), [("fatal", True), ("error", False)])
def test_a_crash_is_severe(project, level, handled):
    writer.accept(project.pk, [report(level=level, handled=handled)])
    bug = Bug.objects.get()
    assert (bug.bug_type, bug.severity) == ("crash", "high")


def test_a_warning_is_a_group_without_a_bug_until_it_is_an_error(project):
    writer.accept(project.pk, [report(level="warning")])
    assert ErrorGroup.objects.get().bug_id is None
    assert Event.objects.get().type == "error_group.created"
    writer.accept(project.pk, [report(level="error")])
    assert ErrorGroup.objects.get().bug_id == Bug.objects.get().pk


def test_the_next_report_only_counts(project):
    writer.accept(project.pk, [report()])
    events = Event.objects.count()
    assert outcomes(project, [report(), report()]) == ["accepted", "accepted"]
    bug = Bug.objects.get()
    assert (bug.error_count, bug.version, ErrorGroup.objects.get().reports) == (3, 1, 3)
    assert ErrorReport.objects.count() == 3
    assert Event.objects.count() == events


def test_a_resolved_bug_stays_resolved(project):
    writer.accept(project.pk, [report()])
    Bug.objects.update(status=Status.RESOLVED)
    writer.accept(project.pk, [report()])
    assert Bug.objects.values_list("status", "error_count").get() == ("resolved", 2)


def test_the_same_event_again_changes_nothing(project):
    once = report(event_id=UUID(int=5))
    assert outcomes(project, [once]) == ["accepted"]
    assert outcomes(project, [report(event_id=UUID(int=5), level="fatal")]) == ["deduplicated"]
    assert ErrorReport.objects.count() == 1
    assert (Bug.objects.get().error_count, ErrorGroup.objects.get().reports) == (1, 1)


def test_the_same_event_twice_in_one_batch_counts_once(project):
    batch = [report(event_id=UUID(int=5)), report(), report(event_id=UUID(int=5))]
    assert outcomes(project, batch) == ["accepted", "accepted", "deduplicated"]
    assert ErrorReport.objects.count() == 2


def test_event_ids_are_each_projects_own(project):
    other = Project.objects.create(number=8, key="APP", name="App")
    for one in (project, other):
        assert outcomes(one, [report(event_id=UUID(int=5))]) == ["accepted"]
    assert Bug.objects.count() == 2


def test_nothing_to_accept(project):
    assert outcomes(project, []) == []


def test_the_payload_is_the_whole_report(project):
    writer.accept(project.pk, [report(tags={"a": 1}, level="loud")])
    payload = orjson.loads(zstandard.decompress(bytes(ErrorReport.objects.get().payload)))
    assert payload["exception"] == {"type": "ValueError", "value": "bad", "handled": True}
    assert payload["tags"] == {"a": "1"}
    assert payload["meta"]["errors"] == ["level"]


def together(*batches, project_id):
    """Each batch in a thread and a connection of its own; what failed comes back."""
    barrier, failures = threading.Barrier(len(batches)), []

    def run(batch):
        try:
            barrier.wait()
            writer.accept(project_id, batch)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[batch]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_two_at_once_make_one_bug(committed, project):
    writer.accept(project.pk, [report("First")])
    assert together([report()], [report()], [report()], [report()], project_id=project.pk) == []
    group = ErrorGroup.objects.get(title="ValueError: bad")
    assert (group.reports, group.bug.error_count) == (4, 4)
    assert Bug.objects.count() == 2


def test_batches_in_opposite_order_do_not_wait_in_a_circle(committed, project):
    kinds = [f"Error{letter}" for letter in "ABCDEFGHIJKL"]
    batches = [[report(kind) for kind in order] for order in (kinds, kinds[::-1]) * 3]
    assert together(*batches, project_id=project.pk) == []
    assert Bug.objects.count() == len(kinds)
    assert set(Bug.objects.values_list("error_count", flat=True)) == {6}


def test_a_later_release_that_another_batch_has_met_meanwhile_stays_the_latest(project):
    writer.accept(project.pk, [report(release="shop@1.0")])
    (group,) = by_fingerprint([(one, *rules.identify((), one)) for one in [report(release="shop@1.5")]])
    with transaction.atomic():
        groups.find(project.pk, [group])
        ErrorGroup.objects.update(last_release="shop@2.0")
        groups.count(project.pk, [group])
    assert ErrorGroup.objects.get().last_release == "shop@2.0"


def test_a_group_that_has_all_texts_is_looked_up_once(project):
    writer.accept(project.pk, [report(transaction="/pay")])
    terms._known.clear()
    looks = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            writer.accept(project.pk, [report(transaction="/pay")])
        looks.append(sum("context::text" in one["sql"] for one in asked))
    assert looks == [1, 0, 0]


def test_a_head_was_seen_when_one_behind_it_was_also_in_the_same_batch(project):
    writer.accept(project.pk, [report("Head"), report("Member")])
    head, member = ErrorGroup.objects.order_by("title")
    ErrorGroup.objects.filter(pk=member.pk).update(merged_into=head)
    later = NOW + timedelta(seconds=30)
    writer.accept(project.pk, [report("Head"), report("Member", timestamp=later.isoformat())])
    head.refresh_from_db()
    assert head.last_seen_at == later
