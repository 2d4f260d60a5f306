"""Assignment and escalation rules: who sets them, and what they do."""

import pytest

from audit.actors import SYSTEM
from audit.models import Event
from bugs import escalation, people, services
from bugs.models import AssignmentRule, Bug, EscalationRule, Membership
from bugs.services import rules

ASSIGN = "/api/v1/projects/WEB/assignment-rules/"
ESCALATE = "/api/v1/projects/WEB/escalation-rules/"


def code_of(answer):
    return answer.json()["code"]


def report(web, **fields):
    bug = services.report(project_id=web.pk, by=SYSTEM, **{"title": "A bug", **fields})
    return Bug.objects.get(pk=bug.pk)


def owner(web, **fields):
    assignee = report(web, **fields).assignee
    return assignee and assignee.username


def test_alice_makes_changes_and_removes_rules(api, web):
    client = api("alice")
    made = client.post(ASSIGN, {"component": "cart*", "assignee": "bob", "position": 5})

    assert made.status_code == 201, made.content
    one = f"{ASSIGN}{made.json()['id']}/"
    assert client.patch(one, {"path": "*.js"}).json()["path"] == "*.js"
    assert client.get(ASSIGN).json()["results"] == [client.get(one).json()]
    assert client.delete(one).status_code == 204 and client.get(one).status_code == 404
    types = Event.objects.filter(type__startswith="rule.").order_by("seq").values_list("type", flat=True)
    assert list(types) == ["rule.created", "rule.updated", "rule.deleted"]


def test_new_bugs_go_to_whom_the_first_rule_names(api, web):
    client = api("alice")
    client.post(ASSIGN, {"component": "cart", "assignee": "carol", "position": 2})
    client.post(ASSIGN, {"component": "cart", "path": "*.js", "assignee": "bob", "position": 1})

    assert owner(web, component="cart", path="static/app.js") == "bob"
    assert owner(web, component="Cart") == "carol"
    assert owner(web, component="mail") is None


def test_whoever_reports_and_names_an_assignee_is_heard(api, web):
    client = api("alice")
    client.post(ASSIGN, {"assignee": "carol"})
    bug = client.post("/api/v1/bugs/", {"project": "WEB", "title": "x", "assignee": "bob"}).json()

    assert bug["assignee"] == "bob"
    assert client.post("/api/v1/bugs/", {"project": "WEB", "title": "x"}).json()["assignee"] == "carol"


def test_an_assignment_by_rule_is_an_event(web, people_of_web):
    rules.add(web.pk, "assignment", fields={"assignee": "bob"}, by=SYSTEM)
    bug = report(web)

    event = Event.objects.get(subject=f"bug:{bug.pk}", type="bug.assigned")
    assert event.data["changes"] == {"assignee": {"from": None, "to": people_of_web["bob"].pk}}


def test_rules_for_people_who_left_are_passed_over(web, people_of_web):
    rules.add(web.pk, "assignment", fields={"assignee": "bob"}, by=SYSTEM)
    rules.add(web.pk, "assignment", fields={"assignee": "carol"}, by=SYSTEM)
    Membership.objects.filter(user=people_of_web["bob"]).delete()

    assert owner(web) == "carol"


@pytest.mark.parametrize(
    ("url", "body", "code", "pointer"),
    [
        (ASSIGN, {"assignee": "mallory"}, "not_a_member", "/assignee"),
        (ASSIGN, {"component": "x"}, "invalid", "/assignee"),
        (ASSIGN, {"assignee": "bob", "position": -1}, "invalid", "/position"),
        (ASSIGN, {"assignee": "bob", "component": "x" * 101}, "invalid", "/component"),
        (ASSIGN, {"assignee": "bob", "path": "x" * 201}, "invalid", "/path"),
        (ESCALATE, {"q": "is:open", "severity": "worst"}, "invalid", "/severity"),
        (ESCALATE, {"q": "", "severity": "high"}, "invalid", "/q"),
        (ESCALATE, {"q": "x" * 2001, "severity": "high"}, "invalid", "/q"),
        (ESCALATE, {"q": "colour:red", "severity": "high"}, "invalid_query", "/q"),
        (ESCALATE, {"q": "(is:open", "severity": "high"}, "invalid_query", "/q"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_rules_are_pointed_at(api, web, url, body, code, pointer):
    answer = api("alice").post(url, body)

    assert (answer.status_code, code_of(answer)) == (400, code), answer.content
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not AssignmentRule.objects.exists() and not EscalationRule.objects.exists()


def test_100_rules_are_taken_and_101_are_not(api, web, people_of_web):
    AssignmentRule.objects.bulk_create(
        AssignmentRule(project=web, assignee=people_of_web["bob"], created_at=web.created_at) for _ in range(100)
    )
    answer = api("alice").post(ASSIGN, {"assignee": "bob"})

    assert (answer.status_code, code_of(answer)) == (409, "too_many_rules")


def test_everyone_reads_rules_and_admins_write_them(api, web):
    assert api("carol").get(ASSIGN).json() == {"results": []}
    assert code_of(api("bob").post(ASSIGN, {"assignee": "bob"})) == "role_missing"
    assert code_of(api("carol").get(f"{ASSIGN}?colour=red")) == "unknown_parameter"


def test_a_rule_of_another_project_looks_like_a_missing_one(api, web, people_of_web):
    other = people.make_project(key="SHOP", name="Shop", by=SYSTEM)
    people.join(project=other, user=people_of_web["bob"], role="admin", by=SYSTEM)
    foreign = rules.add(other.pk, "assignment", fields={"assignee": "bob"}, by=SYSTEM)
    client = api("alice")

    assert code_of(client.delete(f"{ASSIGN}{foreign.pk}/")) == "not_found"
    assert code_of(client.delete(f"{ASSIGN}{'-' * 36}/")) == "not_found"
    assert code_of(client.get("/api/v1/projects/SHOP/assignment-rules/")) == "not_found"


def escalating(web, q, severity="critical", **fields):
    rules.add(web.pk, "escalation", fields={"q": q, "severity": severity, **fields}, by=SYSTEM)


def test_open_bugs_that_match_are_raised_once(web):
    matching, other = report(web, component="cart"), report(web, component="mail")
    escalating(web, "component:cart")

    assert [escalation.run(), escalation.run()] == [1, 0]
    assert Bug.objects.get(pk=matching.pk).severity == "critical" and Bug.objects.get(pk=other.pk).severity == "medium"
    assert Event.objects.get(type="bug.severity_escalated").actor == "system"


def test_what_is_as_severe_closed_deleted_merged_or_elsewhere_stays(web):
    elsewhere = people.make_project(key="SHOP", name="Shop", by=SYSTEM)
    report(elsewhere)
    target = report(web, severity="critical")
    closed, deleted, merged = (report(web) for _ in range(3))
    services.change_status(closed.pk, to="closed", by=SYSTEM)
    services.delete(deleted.pk, by=SYSTEM)
    Bug.objects.filter(pk=merged.pk).update(merged_into=target)
    escalating(web, "severity:<=critical", severity="high")

    assert escalation.run() == 0


def test_a_rule_that_is_switched_off_or_broken_does_not_stop_the_others(web):
    report(web)
    escalating(web, "is:open", severity="critical", is_active=False)
    escalating(web, "is:open", severity="high")
    EscalationRule.objects.create(project=web, q="colour:red", severity="critical", created_at=web.created_at)

    assert escalation.run() == 1 and Bug.objects.get().severity == "high"


def test_a_round_takes_a_chunk_and_the_next_goes_on(web, monkeypatch):
    monkeypatch.setattr(escalation, "CHUNK", 2)
    for _ in range(3):
        report(web)
    escalating(web, "is:open")

    assert [escalation.run() for _ in range(3)] == [2, 1, 0]
