"""Feedback of SDKs becomes bug reports, once each, linked to the error that it is about whichever came first."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from bugs.ingest.digest import feedback
from bugs.models import Bug, BugLink, ErrorGroup, Feedback, RefusedEvent
from bugs.services import feedback as services
from bugs.services import links
from tests.bugs.feedback.conftest import item, said


def keep(project, *items):
    return [tuple(fate) for fate in feedback.keep(project.pk, items)]


def pairs():
    return list(BugLink.objects.values_list("source__title", "target__title", "kind"))


def test_feedback_becomes_a_bug_report(web):
    message = "The basket is empty\nafter I pay."
    assert keep(web, said(message, url="https://shop.example/pay?token=1", replay_id="r1")) == [("accepted", "")]
    bug, row = Bug.objects.get(), Feedback.objects.get()
    assert (bug.title, bug.bug_type, bug.severity) == ("The basket is empty", "other", "medium")
    assert (bug.reporter, bug.tags) == (None, {"replay_id": "r1"})
    assert bug.description == f"{message}\n\nAt https://shop.example/pay"
    assert (row.bug, row.message, row.name, row.email) == (bug, message, "[redacted:name]", "[redacted:email]")
    assert (row.source, row.url, row.event_id) == ("feedback", "https://shop.example/pay", None)
    assert Event.objects.filter(type__startswith="bug.").get().type == "bug.created"


def test_who_said_it_is_not_in_the_bug(web):
    keep(web, said())
    bug = Bug.objects.get()
    assert "Ann" not in f"{bug.title} {bug.description}" and "example.com" not in bug.description


def test_a_user_report_is_feedback_of_the_old_kind(web, crash):
    event = crash(release="1.0", environment="prod")
    report = {"event_id": event.hex, "email": "ann@example.com", "name": "Ann", "comments": "I clicked pay"}
    assert keep(web, item("user_report", report, event_id=event)) == [("accepted", "")]
    row = Feedback.objects.get()
    assert (row.message, row.source, row.event_id) == ("I clicked pay", "user_report", event)
    assert (row.bug.release, row.bug.environment) == ("1.0", "prod")
    assert pairs() == [("I clicked pay", "ValueError: bad", "relates")]


def test_feedback_is_linked_to_the_error_that_came_before(web, crash):
    event = crash()
    keep(web, said(about=event))
    assert pairs() == [("It broke", "ValueError: bad", "relates")]
    assert Feedback.objects.get().error_bug == ErrorGroup.objects.get().bug
    assert Event.objects.filter(type="bug.linked").count() == 1


def test_feedback_that_came_first_is_linked_when_its_error_comes(web, crash):
    event = uuid4()
    keep(web, said(about=event), said("Me too", about=event))
    assert pairs() == []
    crash(event_id=event)
    assert sorted(pairs()) == [("It broke", "ValueError: bad", "relates"), ("Me too", "ValueError: bad", "relates")]
    crash(event_id=event)
    assert BugLink.objects.count() == 2


def test_a_batch_of_errors_costs_one_indexed_statement_more(web):
    with CaptureQueriesContext(connection) as queries:
        assert feedback.link(web.pk, {uuid4(): uuid4() for _ in range(200)}) == 0
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statements[0]}")
        assert "bugs_feedback_unlinked" in str(cursor.fetchall())


def test_what_crossed_its_error_on_the_way_is_linked_by_the_next_sweep(web, crash):
    event = crash()
    keep(web, said(about=event))
    BugLink.objects.all().delete()
    Feedback.objects.update(error_bug=None)  # as two transactions leave it that did not see each other
    assert (services.link_left(), services.link_left()) == (1, 0)
    assert pairs() == [("It broke", "ValueError: bad", "relates")]


def test_feedback_of_a_warning_is_linked_when_the_warning_gets_a_bug(web, crash):
    keep(web, said(about=crash(level="warning")))
    assert (pairs(), services.link_left()) == ([], 0)
    crash()
    assert services.link_left() == 1 and len(pairs()) == 1


def test_feedback_of_another_projects_event_is_not_linked(web, crash):
    from audit.actors import SYSTEM
    from bugs import people

    other = people.make_project(key="APP", name="Other", by=SYSTEM)
    keep(other, said(about=crash()))
    assert pairs() == [] and services.link_left() == 0


def test_an_error_that_everybody_speaks_of_has_as_many_links_as_it_may(web, crash, monkeypatch):
    monkeypatch.setattr(links, "MAX_LINKS", 2)
    event = crash()
    keep(web, *(said(about=event) for _ in range(3)))
    assert BugLink.objects.count() == 2
    assert Feedback.objects.filter(error_bug=ErrorGroup.objects.get().bug).count() == 3


def test_a_person_who_linked_them_first_is_not_repeated(web, crash):
    from audit.actors import SYSTEM
    from bugs.choices import LinkKind

    event = uuid4()
    keep(web, said(about=event))
    crash()
    links.add(Bug.objects.get(title="ValueError: bad").pk, target_id=Feedback.objects.get().bug_id,
              kind=LinkKind.RELATES, by=SYSTEM)  # fmt: skip
    crash(event_id=event)
    assert BugLink.objects.count() == 1 and Feedback.objects.get().error_bug


def test_a_deleted_bug_is_not_linked(web, crash):
    from audit.actors import SYSTEM
    from bugs import services as bugs

    event = uuid4()
    keep(web, said(about=event))
    bugs.delete(Bug.objects.get().pk, by=SYSTEM)
    crash(event_id=event)
    assert pairs() == []


def test_the_same_feedback_twice_is_one(web):
    key = uuid4()
    assert keep(web, said(key=key), said(key=key)) == [("accepted", ""), ("deduplicated", "")]
    assert keep(web, said(key=key)) == [("deduplicated", "")]
    assert Bug.objects.count() == Feedback.objects.count() == 1
    assert RefusedEvent.objects.filter(event_id=key, outcome="deduplicated").count() == 2


def test_the_same_user_report_twice_is_one_and_another_is_another(web):
    event = uuid4()

    def report(words):
        return item("user_report", {"event_id": event.hex, "comments": words}, event_id=event)

    assert keep(web, report("a"), report("a"), report("b")) == [
        ("accepted", ""),
        ("deduplicated", ""),
        ("accepted", ""),
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "json_invalid"),
        (b"[]", "json_invalid"),
        (b"{", "json_invalid"),
        ({}, "no_message"),
        ({"contexts": []}, "no_message"),
        ({"contexts": {"feedback": {"message": "  \n "}}}, "no_message"),
        ({"contexts": {"feedback": {"message": ["x"]}}}, "no_message"),
    ],
)
def test_nothing_said_is_invalid_and_disturbs_no_other(web, payload, reason):
    fates = keep(web, item("feedback", payload, event_id=uuid4()), said())
    assert fates == [("invalid", reason), ("accepted", "")]


def test_hostile_values_are_cut_or_left_out(web):
    hostile = {"contact_email": {"a": 1}, "name": "n" * 10_000, "url": "u" * 10_000, "associated_event_id": "5"}
    assert keep(web, said("x\x00" * 9_000, **hostile)) == [("accepted", "")]
    row = Feedback.objects.get()
    assert (len(row.message), row.name, len(row.url), row.email, row.event_id) == (
        4_096,
        "[redacted:name]",
        500,
        "",
        None,
    )
    assert len(row.bug.title) == services.TITLE_MAX and "\x00" not in row.message


def test_one_batch_files_so_many_and_no_more(web, monkeypatch):
    monkeypatch.setattr(feedback, "AT_ONCE", 2)
    fates = keep(web, *(said(str(number)) for number in range(3)))
    assert fates == [("accepted", ""), ("accepted", ""), ("limited", "too_many")]
    assert Bug.objects.count() == 2


def test_feedback_over_a_mebibyte_is_not_read(web):
    assert keep(web, said("The basket is empty", url="x" * 1024 * 1024)) == [("invalid", "body_too_large")]
