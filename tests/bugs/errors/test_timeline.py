"""The story of a bug and the journey of a session: one order, nothing twice, bounded."""

from datetime import timedelta

from django.utils import timezone

from audit.actors import SYSTEM
from bugs import journeys, services
from bugs.choices import Status
from bugs.models import Bug
from bugs.selectors import timeline

API = "/api/v1/"


def kinds(body):
    return [entry["kind"] for entry in body["results"]]


def journey(crash, at):
    """A click, a failed call, a refused one, then the error."""

    def crumb(minutes, **fields):
        return {"timestamp": (at - timedelta(minutes=minutes)).timestamp(), **fields}

    crumbs = [
        crumb(3, category="ui.click", message="pay"),
        crumb(2, type="http", data={"status_code": 500}),
        crumb(1, type="http", data={"status_code": 401}),
    ]
    crash(at=at, breadcrumbs=crumbs, tags={"session_id": "s-1"})


def test_the_story_of_a_bug_in_one_order(api, crash):
    now = timezone.now()
    journey(crash, now - timedelta(minutes=1))
    services.change_status(Bug.objects.get().pk, to=Status.TRIAGED, by=SYSTEM)
    body = api("carol").get(f"{API}bugs/WEB-1/timeline/").json()
    led = ["user_action", "api_failure", "auth_error", "session_started", "error"]
    assert kinds(body) == [*led, "lifecycle", "lifecycle"], body
    assert body["complete"] is True
    assert body["results"][-1]["data"]["type"] == "bug.status_changed"
    times = [entry["at"] for entry in body["results"]]
    assert times == sorted(times)


def test_breadcrumbs_that_come_again_with_the_next_error_are_told_once(api, crash):
    now = timezone.now()
    click = {"category": "ui.click", "message": "pay", "timestamp": (now - timedelta(minutes=3)).timestamp()}
    for minutes in (2, 1):
        crash(at=now - timedelta(minutes=minutes), breadcrumbs=[click], tags={"session_id": "s-1"})
    body = api("carol").get(f"{API}sessions/s-1/").json()
    assert kinds(body) == ["user_action", "session_started", "error", "error"]
    assert body["session"]["errors"] == 2


def test_comments_are_in_the_story_and_internal_ones_for_the_team_alone(api, crash, people_of_web):
    crash()
    client = api("bob")
    for internal in (False, True):
        made = client.post(f"{API}bugs/WEB-1/comments/", {"body": "x", "is_internal": internal})
        assert made.status_code == 201, made.content
    assert kinds(client.get(f"{API}bugs/WEB-1/timeline/").json()).count("comment") == 2
    assert kinds(api("carol").get(f"{API}bugs/WEB-1/timeline/").json()).count("comment") == 1


def test_a_story_that_was_cut_says_so(api, crash, monkeypatch):
    crash()
    crash()
    monkeypatch.setattr(timeline, "REPORTS_MAX", 1)
    body = api("carol").get(f"{API}bugs/WEB-1/timeline/").json()
    assert kinds(body).count("error") == 1 and body["complete"] is False


def test_the_newest_entries_are_kept(api, crash, monkeypatch):
    crash()
    monkeypatch.setattr(timeline, "ENTRIES_MAX", 1)
    body = api("carol").get(f"{API}bugs/WEB-1/timeline/").json()
    assert kinds(body) == ["lifecycle"] and body["complete"] is False


def test_a_bug_without_errors_has_a_story_too(api, bug):
    assert kinds(api("carol").get(f"{API}bugs/WEB-1/timeline/").json()) == ["lifecycle"]


def test_at_the_same_moment_the_kind_decides_and_then_the_id():
    now = timezone.now()
    entries = [journeys.entry(kind, now, "1", {"n": kind}) for kind in reversed(journeys.KINDS)]
    entries.append(journeys.entry("error", now, "0", {}))
    told = journeys.ordered(entries)
    assert [entry["kind"] for entry in told] == sorted([*journeys.KINDS, "error"], key=journeys.KINDS.index)
    assert [entry["id"] for entry in told if entry["kind"] == "error"] == ["0", "1"]


def test_a_parameter_that_nobody_knows_is_refused(api, bug):
    assert api("carol").get(f"{API}bugs/WEB-1/timeline/?limit=5").json()["code"] == "unknown_parameter"
