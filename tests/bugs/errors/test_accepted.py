"""What a report leaves behind: users, sessions, releases, numbers of the bug, and a fix that did not hold."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.actors import SYSTEM
from audit.models import Event
from bugs import services
from bugs.choices import Resolution, Status
from bugs.models import AffectedUser, Bug, ContextDelta, ErrorGroup, Release, RollupDelta, Session
from bugs.services import contexts


def resolve(bug, resolution=Resolution.FIXED):
    services.change_status(bug.pk, to=Status.RESOLVED, resolution=resolution, by=SYSTEM)


def types():
    return list(Event.objects.filter(type__endswith=".regressed").order_by("seq").values_list("type", flat=True))


def test_a_user_counts_once(crash):
    for user in ("ann", "ben", "ann", None):
        crash(user={"id": user} if user else {})
    assert Bug.objects.get().user_count == ErrorGroup.objects.get().users == 2
    assert AffectedUser.objects.count() == 2


def test_a_user_of_two_groups_of_one_bug_counts_once_in_the_bug(crash):
    crash("A", user={"id": "ann"})
    crash("B")
    first, _ = Bug.objects.order_by("number")
    ErrorGroup.objects.update(bug=first)
    crash("B", user={"id": "ann"})
    crash("B", user={"id": "ben"})
    assert Bug.objects.get(pk=first.pk).user_count == 2


def test_the_users_name_is_kept_as_a_hash_of_each_projects_own(crash, app):
    crash(user={"email": "ann@example.com"})
    crash(user={"email": "ann@example.com"}, project=app)
    keys = list(AffectedUser.objects.values_list("user_key", flat=True))
    assert len(set(keys)) == 2
    assert all(len(key) == 32 and "ann" not in key for key in keys)


def test_users_of_warnings_count_when_the_group_gets_its_bug(crash):
    crash(level="warning", user={"id": "ann"})
    crash(user={"id": "ben"})
    bug = Bug.objects.get()
    assert (bug.user_count, bug.error_count) == (2, 2)


def test_when_the_bug_last_failed(crash):
    now = timezone.now().replace(microsecond=0)
    crash(at=now - timedelta(hours=2))
    crash(at=now - timedelta(hours=1))
    crash(at=now - timedelta(hours=3))
    assert Bug.objects.get().last_error_at == now - timedelta(hours=1)


def test_a_session_counts_its_errors_and_remembers_a_crash(crash):
    crashed = [{"type": "E", "mechanism": {"handled": False}}]
    for event in ({}, {"exception": crashed, "level": "fatal"}, {"level": "warning"}, {}):
        crash(tags={"session_id": "s-1"}, environment="prod", release="1.0", user={"id": "ann"}, **event)
    session = Session.objects.get()
    assert (session.key, session.errors, session.state) == ("s-1", 3, "crashed")
    assert session.environment == "prod" and session.user_key


def test_a_release_exists_from_its_first_report_on(crash):
    for version in ("1.0", "1.1", "1.0", ""):
        crash(release=version)
    assert set(Release.objects.values_list("version", flat=True)) == {"1.0", "1.1"}


def test_errors_are_counted_for_analytics(crash):
    crash()
    assert RollupDelta.objects.filter(measure="errors").exists()


def test_a_fix_that_did_not_hold_opens_the_bug_again_once(crash):
    crash()
    resolve(Bug.objects.get())
    crash(release="2.0")
    crash(release="2.0")
    bug = Bug.objects.get()
    assert (bug.status, bug.reopen_count, bug.resolution) == ("reopened", 1, "")
    assert types() == ["bug.regressed", "error_group.regressed"]


def test_a_closed_bug_that_was_fixed_opens_again(crash):
    crash()
    resolve(Bug.objects.get())
    services.change_status(Bug.objects.get().pk, to=Status.CLOSED, by=SYSTEM)
    crash()
    assert Bug.objects.get().status == "reopened"


@pytest.mark.parametrize("resolution", ["wont_fix", "duplicate", "by_design", "cannot_reproduce"])
def test_a_bug_that_was_not_fixed_stays_resolved(crash, resolution):
    crash()
    resolve(Bug.objects.get(), Resolution(resolution))
    crash()
    assert (Bug.objects.get().status, types()) == ("resolved", [])


def test_an_error_from_before_the_fix_that_comes_late_changes_nothing(crash):
    crash()
    resolve(Bug.objects.get())
    crash(at=timezone.now() - timedelta(hours=1))
    assert (Bug.objects.get().status, types()) == ("resolved", [])


def test_a_deleted_bug_stays_deleted(crash):
    crash()
    resolve(Bug.objects.get())
    services.delete(Bug.objects.get().pk, by=SYSTEM)
    crash()
    assert (Bug.objects.get().status, types()) == ("resolved", [])


def test_a_group_keeps_the_words_of_its_reports_once(crash):
    crumbs = [
        {"category": "ui.click", "message": "Pay now"},
        {"type": "http", "data": {"status_code": 503, "url": "/pay"}},
    ]
    for release in ("1.0", "1.1", "1.0"):
        crash(breadcrumbs=crumbs, release=release, contexts={"browser": {"name": "Safari", "version": "17"}})
    contexts.fold()
    group = ErrorGroup.objects.get()
    assert group.context["error_release"] == ["1.0", "1.1"]
    assert group.context["api_failure"] == ["/pay 503"]
    assert group.context["browser"] == ["Safari 17"]
    assert "breadcrumb:pay" in group.context_words and "user_action:click" in group.context_words


def test_a_group_that_has_seen_it_all_is_not_written_again(crash):
    crash(release="1.0")
    with CaptureQueriesContext(connection) as queries:
        crash(release="1.0")
    assert not ContextDelta.objects.exists()
    assert not [query for query in queries if "SET context" in query["sql"]]
