"""Admins of a project write its grouping rules, try them, and ingest follows."""

from typing import Any

import pytest
from django.db import connection

from audit.models import Event
from bugs.models import Bug, ErrorGroup, ErrorReport, GroupingRule
from bugs.selectors import grouping_rules as selectors
from bugs.services import rules

URL = "/api/v1/projects/WEB/grouping-rules/"
RULE = {"name": "Payments", "match": [{"field": "exception", "pattern": "Key*"}], "fingerprint": ["payments"]}


def refused(answer: Any, status: int, code: str, pointer: str = "") -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not pointer or answer.json()["errors"][0]["pointer"] == pointer


def test_a_rule_is_made_read_changed_and_removed(api: Any, web: Any) -> None:
    client = api("alice")
    made = client.post(URL, {**RULE, "severity": "low", "component": "pay"})
    assert made.status_code == 201
    one = f"{URL}{made.json()['id']}/"
    assert client.get(one).json() == made.json() | {"is_active": True, "is_ignored": False, "position": 0}
    assert client.patch(one, {"is_active": False}).json()["is_active"] is False
    assert selectors.load(web.pk) == []
    assert [row["id"] for row in client.get(URL).json()["results"]] == [made.json()["id"]]
    assert client.delete(one).status_code == 204
    types = Event.objects.filter(type__startswith="rule.").order_by("seq").values_list("type", "data__kind")
    assert list(types) == [(f"rule.{what}", "grouping") for what in ("created", "updated", "deleted")]


def test_a_rule_that_is_removed_while_reports_come_in_holds_nothing_up(
    api: Any, web: Any, crash: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api("alice").post(URL, RULE)
    known = selectors.load(web.pk)
    monkeypatch.setattr(selectors, "load", lambda _: known)
    GroupingRule.objects.all().delete()
    assert crash("KeyError").grouping == "v2:rule"
    connection.check_constraints()


def test_rules_are_tried_in_the_order_of_their_positions(api: Any, web: Any) -> None:
    client = api("alice")
    for name, position in (("second", 2), ("first", 1)):
        client.post(URL, {**RULE, "name": name, "position": position})
    assert [rule.name for rule in selectors.load(web.pk)] == ["first", "second"]


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"match": []}, "invalid_rule", "/match"),
        ({"match": [{"field": "loudness", "pattern": "x"}]}, "invalid_rule", "/match/0/field"),
        ({"match": [{"field": "level", "pattern": "x", "more": 1}]}, "invalid", "/match/0/more"),
        ({"match": [{"field": "level", "pattern": "x" * 201}]}, "invalid", "/match/0/pattern"),
        ({"fingerprint": ["{{ loudness }}"]}, "invalid_rule", "/fingerprint/0"),
        ({"severity": "loud"}, "invalid", "/severity"),
        ({"nmae": "x"}, "invalid", "/nmae"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_place(
    api: Any, web: Any, changes: dict[str, Any], code: str, pointer: str
) -> None:
    refused(api("alice").post(URL, {**RULE, **changes}), 400, code, pointer)


def test_a_project_has_so_many_rules(api: Any, web: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "MAX_RULES", 1)
    client = api("alice")
    assert client.post(URL, RULE).status_code == 201
    refused(client.post(URL, RULE), 409, "too_many_rules")


@pytest.mark.parametrize("what", ["", "test/"])
def test_only_admins_write_and_try_them(api: Any, web: Any, what: str) -> None:
    assert api("bob").post(URL + what, RULE if not what else {}).status_code == 403
    assert api("carol").get(URL).status_code == 200


def test_ingest_groups_by_them(api: Any, crash: Any) -> None:
    api("alice").post(URL, {**RULE, "match": [{"field": "exception", "pattern": "*Error"}]})
    crash("KeyError")
    crash("KeyError", message="again")
    group = ErrorGroup.objects.get()
    assert (group.reports, group.grouping, group.rule) == (2, "v2:rule", GroupingRule.objects.get())


def test_the_bug_of_a_new_group_is_rated_and_placed_by_them(api: Any, crash: Any) -> None:
    api("alice").post(URL, {**RULE, "severity": "critical", "component": "pay"})
    crash("KeyError")
    assert Bug.objects.values_list("severity", "component").get() == ("critical", "pay")


def test_what_is_ignored_is_not_kept(api: Any, web: Any, crash: Any) -> None:
    api("alice").post(URL, {**RULE, "is_ignored": True})
    with pytest.raises(ErrorGroup.DoesNotExist):
        crash("KeyError")
    assert not ErrorReport.objects.exists()


def test_a_trial_says_what_rules_would_do_and_does_nothing(api: Any, crash: Any) -> None:
    crash("KeyError", times=2)
    crash("ValueError")
    crash("TypeError")
    ignore = {"name": "Noise", "match": [{"field": "exception", "pattern": "TypeError"}], "is_ignored": True}
    pay = {**RULE, "match": [{"field": "exception", "pattern": "*e*Error"}], "position": 1}
    answer = api("alice").post(f"{URL}test/", {"rules": [pay, ignore]})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    examples = found.pop("examples")
    assert found == {
        "looked_at": 4,
        "matched": 4,
        "ignored": 1,
        "moved": 3,
        "groups": 3,
        "groups_then": 1,
        "rules": [{"name": "Noise", "matched": 1}, {"name": "Payments", "matched": 3}],
    }
    assert (examples[0]["rule"], examples[0]["moves"], examples[0]["is_ignored"]) == ("Noise", False, True)
    assert ErrorGroup.objects.count() == 3 and not GroupingRule.objects.exists()


def test_a_trial_without_rules_is_one_of_those_that_are_there(api: Any, crash: Any) -> None:
    crash("KeyError")
    client = api("alice")
    assert client.post(f"{URL}test/", {}).json()["matched"] == 0
    client.post(URL, RULE)
    assert client.post(f"{URL}test/", {"limit": 1}).json()["matched"] == 1


def test_a_trial_of_a_rule_that_cannot_be_is_refused(api: Any, web: Any) -> None:
    wrong = {**RULE, "match": [{"field": "loudness", "pattern": "x"}]}
    refused(api("alice").post(f"{URL}test/", {"rules": [wrong]}), 400, "invalid_rule", "/rules/0/match/0/field")
    refused(api("alice").post(f"{URL}test/", {"limit": 201}), 400, "invalid", "/limit")
