"""Facets: equal to a full count, up to a bound that is told."""

from collections import Counter

import pytest

from audit.actors import SYSTEM
from bugs import services
from bugs.models import Bug
from bugs.search import candidates, facets

URL = "/api/v1/bugs/search/"


@pytest.fixture
def bugs(web, people_of_web):
    for at in range(30):
        services.report(
            project_id=web.pk,
            by=SYSTEM,
            title=f"Payment {at}" if at % 3 else f"Login {at}",
            severity=("low", "high")[at % 2],
            component=f"c{at % 13}",
            environment=("", "prod")[at % 2],
            assignee=people_of_web["bob"] if at % 4 == 0 else None,
        )


@pytest.mark.parametrize("name", ["severity", "component", "environment", "status", "bug_type"])
def test_facets_equal_a_full_count(bugs, api, name):
    body = api("carol").get(URL, {"text": "payment"}).json()
    full = Counter(Bug.objects.filter(title__startswith="Payment").values_list(name, flat=True))
    expected = sorted(full.items(), key=lambda pair: (-pair[1], pair[0]))[: facets.MAX_VALUES]
    assert [(each["value"] or "", each["count"]) for each in body["facets"][name]] == expected
    assert (body["count"], body["count_is"]) == (20, "exact")


def test_assignees_are_named(bugs, api):
    body = api("carol").get(URL, {"facets": "assignee"}).json()
    assert body["facets"] == {"assignee": [{"value": None, "count": 22}, {"value": "bob", "count": 8}]}


def test_facets_follow_the_filters(bugs, api):
    body = api("carol").get(URL, {"text": "payment", "severity": "low", "facets": "severity"}).json()
    assert body["facets"] == {"severity": [{"value": "low", "count": 10}]}


def test_without_facets_nothing_is_counted(bugs, api):
    body = api("carol").get(URL, {"text": "payment", "facets": "none"}).json()
    assert body["facets"] == {}
    assert "count" not in body


def test_beyond_the_bound_the_count_says_so(bugs, api, monkeypatch):
    monkeypatch.setattr(candidates, "CANDIDATES", 10)
    body = api("carol").get(URL, {"facets": "status"}).json()
    assert (body["count"], body["count_is"]) == (10, "at_least")
