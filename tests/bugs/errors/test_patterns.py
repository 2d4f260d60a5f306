"""Patterns: counts of a range, trends, what goes together, and nothing of other tenants."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import patterns, services
from bugs.choices import Status
from bugs.models import Bug, ErrorGroup
from bugs.selectors import patterns as found
from bugs.services import folding

URL = "/api/v1/error-patterns/"


def titles(response):
    assert response.status_code == 200, response.content
    return [pattern["title"].partition(":")[0] for pattern in response.json()["results"]]


@pytest.fixture
def three(crash):
    """Often is common, Rare is new, Old was more common in the week before."""
    now = timezone.now()
    for kind, days in (("Often", (1, 2, 3)), ("Rare", (1,)), ("Old", (*[10] * 9, 1, 2))):
        for day in days:
            crash(kind, at=now - timedelta(days=day), release="1.0", user={"id": f"{kind}{day}"})


def test_counts_and_trends_of_the_range(api, three):
    rows = {row["title"]: row for row in api("carol").get(URL).json()["results"]}
    often, old = rows["Often: bad"], rows["Old: bad"]
    assert (often["count"], often["users"], often["trend"]["direction"]) == (3, 3, "new")
    assert (old["count"], old["reports"], old["trend"]["previous"], old["trend"]["direction"]) == (2, 11, 9, "falling")
    assert (often["bug"], often["bug_status"], often["releases"]) == ("WEB-1", "new", ["1.0"])


def test_folding_changes_no_count(api, three):
    before = api("carol").get(URL).json()
    folding.fold()
    assert api("carol").get(URL).json() == before


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ordering=count", ["Often", "Old", "Rare"]),
        ("ordering=trend", ["Often", "Rare", "Old"]),
        ("min_occurrences=3", ["Often"]),
        ("from=-30d", ["Old", "Often", "Rare"]),
        ("level=fatal", []),
        ("release=1.0&min_occurrences=3", ["Often"]),
        ("release=2.0", []),
        ("project=NONE", []),
    ],
)
def test_what_is_asked_for(api, three, query, expected):
    assert titles(api("carol").get(f"{URL}?{query}")) == expected


def test_patterns_of_resolved_bugs_are_left_out_until_asked_for(api, crash):
    crash()
    services.change_status(Bug.objects.get().pk, to=Status.RESOLVED, by=SYSTEM)
    assert titles(api("carol").get(URL)) == []
    assert titles(api("carol").get(f"{URL}?include_resolved=true")) == ["ValueError"]


@pytest.mark.parametrize("ordering", found.ORDERINGS)
def test_pages_show_each_pattern_once_in_both_directions(api, crash, ordering):
    for kind in ("A", "B", "C", "D", "E"):
        crash(kind)
    client, url, pages = api("carol"), f"{URL}?limit=2&ordering={ordering}", []
    while url:
        pages.append(client.get(url))
        url = pages[-1].json()["next"]
    assert sorted(title for page in pages for title in titles(page)) == ["A", "B", "C", "D", "E"]
    assert titles(client.get(pages[1].json()["previous"])) == titles(pages[0])


def test_when_not_all_groups_were_looked_at_it_says_so(api, crash, monkeypatch):
    for kind in ("A", "B"):
        crash(kind)
    assert api("carol").get(URL).json()["complete"] is True
    monkeypatch.setattr(found, "CANDIDATES_MAX", 1)
    assert api("carol").get(URL).json()["complete"] is False


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("ordering=hidden", "invalid"),
        ("min_occurrences=0", "invalid"),
        ("min_occurrences=1000001", "invalid"),
        ("from=never", "invalid_range"),
        ("from=now&to=-1d", "invalid_range"),
        ("include=all", "unknown_parameter"),
        ("count=exact", "invalid_count"),
    ],
)
def test_wrong_parameters_are_refused(api, web, query, code):
    response = api("carol").get(f"{URL}?{query}")
    assert (response.status_code, response.json()["code"]) == (400, code), response.content


def one(api, kind="ValueError"):
    response = api("carol").get(f"{URL}{ErrorGroup.objects.get(title__startswith=kind, project__key='WEB').pk}/")
    assert response.status_code == 200, response.content
    return response.json()


def test_a_pattern_in_full(api, three):
    body = one(api, "Often")
    assert body["pattern"]["count"] == 3
    assert sum(point["count"] for point in body["trends"]) == 3
    assert body["affected_users"] == {"total": 3, "new": 3}
    assert body["system_impact"]["release"] == [{"value": "1.0", "reports": 3, "share": 1.0}]
    assert "unassigned" in [each["code"] for each in body["recommendations"]]


def test_groups_of_the_same_sessions_go_together_and_other_tenants_are_never_named(api, crash, app):
    for session in ("s-1", "s-2", "s-3"):
        crash("A", tags={"session_id": session})
        crash("B", tags={"session_id": session})
        crash("Foreign", tags={"session_id": session}, project=app)
    crash("Alone", tags={"session_id": "s-1"})
    sessions = [each for each in one(api, "A:")["correlations"] if each["kind"] == "session"]
    assert [(each["title"], each["score"], each["support"]) for each in sessions] == [("B: bad", 1.0, 3)]


def test_a_component_that_few_have_ties_groups_together(api, crash):
    for kind, component in (("A", "cart"), ("B", "cart"), ("C", "login"), ("D", "login")):
        crash(kind, tags={"component": component}, release="1.0")
    found = one(api, "A:")["correlations"]
    assert [(each["kind"], each["title"]) for each in found] == [("component", "B: bad")]


def test_recommendations_say_what_they_saw(api, crash):
    crash("Other", release="0.9")
    call = {"type": "http", "data": {"url": "/pay", "method": "POST", "status_code": 403}}
    for _ in range(patterns.ENOUGH):
        crash(breadcrumbs=[call], release="1.0", contexts={"browser": {"name": "Safari"}})
    said = {each["code"]: each for each in one(api)["recommendations"]}
    assert said.keys() >= {"one_release", "failing_call", "sign_in", "concentrated", "unassigned"}
    assert said["failing_call"]["evidence"] == {
        "method": "POST",
        "url": "/pay",
        "status": 403,
        "reports": 10,
        "looked_at": 10,
    }


def test_a_few_reports_say_nothing_of_browsers(api, crash):
    for _ in range(patterns.ENOUGH - 1):
        crash(contexts={"browser": {"name": "Safari"}})
    assert "concentrated" not in [each["code"] for each in one(api)["recommendations"]]


def test_a_regression_is_pointed_out(api, crash):
    crash()
    services.change_status(Bug.objects.get().pk, to=Status.RESOLVED, by=SYSTEM)
    crash()
    assert "regressed" in [each["code"] for each in one(api)["recommendations"]]


def test_patterns_do_not_exist_for_outsiders(api, crash):
    crash()
    client = api("mallory")
    assert client.get(f"{URL}{ErrorGroup.objects.get().pk}/").status_code in (403, 404)
    response = client.get(URL)
    assert response.status_code == 403 or response.json()["results"] == []


@pytest.mark.parametrize(
    ("current", "previous", "direction"),
    [(0, 0, "steady"), (5, 4, "steady"), (30, 10, "rising"), (10, 30, "falling"), (4, 0, "rising"), (3, 0, "steady")],
)
def test_a_trend_is_told_from_chance(current, previous, direction):
    assert patterns.trend(current, previous, is_new=False)["direction"] == direction


def test_what_everybody_has_says_nothing():
    weights = patterns.weights_of([["all", "a"], ["all", "a"], ["all", "b"]])
    assert patterns.likeness(["all"], ["all"], weights) == 0
    assert patterns.likeness(["all", "a"], ["all", "a"], weights) == 1
