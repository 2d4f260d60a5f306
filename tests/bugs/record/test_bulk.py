"""One change to many bugs: a result for each, and one refusal leaves the others."""

import pytest

from audit.actors import SYSTEM
from audit.models import Event
from bugs import people, services
from bugs.models import Bug

URL = "/api/v1/bugs/bulk/"


def report(project, **fields):
    return services.report(project_id=project.pk, by=SYSTEM, **{"title": "A bug", **fields})


def names(results, key="status"):
    return [result.get(key) for result in results]


def test_every_bug_has_its_result_in_the_order_asked(api, web):
    new, closed = report(web), report(web)
    services.change_status(closed.pk, to="closed", by=SYSTEM)

    answer = api("bob").post(URL, {"ids": ["WEB-2", str(new.pk)], "set": {"status": "triaged"}})

    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert names(results) == ["refused", "changed"] and names(results, "reference") == ["WEB-2", "WEB-1"]
    assert results[0]["code"] == "forbidden_move" and results[1]["version"] == 2
    assert Bug.objects.get(pk=new.pk).status == "triaged" and Bug.objects.get(pk=closed.pk).status == "closed"


def test_everything_that_can_be_set(api, web):
    bug = report(web, tags={"browser": "safari", "os": "mac"})
    wanted = {
        "status": "resolved",
        "resolution": "wont_fix",
        "assignee": "bob",
        "severity": "low",
        "priority": "urgent",
        "bug_type": "ui",
        "component": "cart",
        "environment": "test",
        "release": "2.0",
        "due_on": "2026-05-31",
        "tags": {"os": None, "team": "red"},
    }

    assert api("bob").post(URL, {"ids": [str(bug.pk)], "set": wanted}).json()["changed"] == 1
    bug = Bug.objects.get(pk=bug.pk)
    assert (bug.status, bug.resolution, bug.assignee.username, bug.severity) == ("resolved", "wont_fix", "bob", "low")
    assert (bug.priority, bug.bug_type, bug.component, bug.release) == ("urgent", "ui", "cart", "2.0")
    assert bug.tags == {"browser": "safari", "team": "red"} and str(bug.due_on) == "2026-05-31"


def test_what_is_so_already_is_unchanged_and_leaves_no_event(api, bug):
    client = api("bob")
    events = Event.objects.count()
    answer = client.post(URL, {"ids": [str(bug.pk)], "set": {"severity": "high"}}).json()

    assert names(answer["results"]) == ["unchanged"] and Event.objects.count() == events


def test_a_refusal_takes_back_all_of_its_bug_and_nothing_of_others(api, web):
    one, other = report(web), report(web)
    services.change_status(one.pk, to="closed", by=SYSTEM)

    answer = api("bob").post(
        URL, {"ids": [str(one.pk), str(other.pk)], "set": {"severity": "critical", "status": "triaged"}}
    )

    assert names(answer.json()["results"]) == ["refused", "changed"]
    assert Bug.objects.get(pk=one.pk).severity == "medium" and Bug.objects.get(pk=other.pk).severity == "critical"


def test_a_dry_run_answers_the_same_and_changes_nothing(api, web):
    ids = [str(report(web).pk) for _ in range(2)]
    client = api("bob")
    events = Event.objects.count()
    body = {"ids": [*ids, "WEB-99"], "set": {"status": "triaged", "assignee": "bob"}}
    dry = client.post(URL, {**body, "dry_run": True}).json()

    assert Event.objects.count() == events and not Bug.objects.exclude(status="new").exists()
    assert {**dry, "dry_run": False} == client.post(URL, body).json()


def test_a_dry_run_may_be_asked_for_in_the_url_too(api, web):
    bug = report(web)
    answer = api("bob").post(f"{URL}?dry_run=true", {"ids": [str(bug.pk)], "set": {"severity": "low"}}, format="json")

    bug.refresh_from_db()
    assert (answer.json()["dry_run"], bug.version) == (True, 1)


def test_a_foreign_bug_looks_like_a_missing_one(api, web):
    other = people.make_project(key="EVIL", name="Elsewhere", by=SYSTEM)
    foreign = report(other)
    missing = "00000000-0000-7000-8000-000000000000"

    results = (
        api("bob")
        .post(URL, {"ids": [str(foreign.pk), missing, "EVIL-1"], "set": {"severity": "low"}})
        .json()["results"]
    )

    assert {(result["status"], result["code"], result["reference"]) for result in results} == {
        ("refused", "not_found", None)
    }
    assert len({result["detail"] for result in results}) == 1
    assert Bug.objects.get(pk=foreign.pk).severity == "medium"


def test_two_names_of_one_bug_are_one_change(api, bug):
    results = api("bob").post(URL, {"ids": [str(bug.pk), "WEB-1"], "set": {"severity": "low"}}).json()["results"]

    assert names(results) == ["changed", "changed"] and Event.objects.filter(type="bug.severity_changed").count() == 1


def test_bugs_by_a_filter(api, web):
    report(web, severity="high"), report(web, severity="low")
    answer = api("bob").post(URL, {"q": "severity:high", "set": {"component": "cart"}}).json()

    assert answer["changed"] == 1 and Bug.objects.get(component="cart").severity == "high"


def test_200_bugs_are_changed_and_201_are_refused(api, web):
    Bug.objects.bulk_create(
        Bug(project=web, number=number, title="x", created_at=web.created_at, updated_at=web.created_at)
        for number in range(1, 202)
    )
    client = api("bob")
    ids = [f"WEB-{number}" for number in range(1, 202)]

    over = client.post(URL, {"ids": ids, "set": {"severity": "low"}})
    assert (over.status_code, over.json()["code"]) == (400, "bulk_too_large")
    by_filter = client.post(URL, {"q": "is:open", "set": {"severity": "low"}})
    assert (by_filter.status_code, by_filter.json()["code"]) == (400, "bulk_too_large")
    assert not Bug.objects.filter(severity="low").exists()
    assert client.post(URL, {"ids": ids[:200], "set": {"severity": "low"}}).json()["changed"] == 200


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"set": {"severity": "low"}}, "bulk_target", "/ids"),
        ({"ids": ["WEB-1"], "q": "is:open", "set": {"severity": "low"}}, "bulk_target", "/ids"),
        ({"ids": [], "set": {"severity": "low"}}, "invalid", "/ids"),
        ({"ids": ["x" * 41], "set": {"severity": "low"}}, "invalid", "/ids/0"),
        ({"ids": ["WEB-1"]}, "invalid", "/set"),
        ({"ids": ["WEB-1"], "set": {}}, "invalid", "/set"),
        ({"ids": ["WEB-1"], "set": {"title": "same"}}, "invalid", "/set/title"),
        ({"ids": ["WEB-1"], "set": {"resolution": "fixed"}}, "invalid", "/set/resolution"),
        ({"ids": ["WEB-1"], "set": {"severity": "worst"}}, "invalid", "/set/severity"),
        ({"ids": ["WEB-1"], "set": {"due_on": "soon"}}, "invalid", "/set/due_on"),
        ({"ids": ["WEB-1"], "set": {"tags": {f"t{n}": "" for n in range(51)}}}, "invalid", "/set/tags"),
        ({"q": "severity:", "set": {"severity": "low"}}, "invalid_query", "/q"),
        ({"q": "x" * 10_001, "set": {"severity": "low"}}, "invalid", "/q"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_bulk_changes(api, bug, body, code, pointer):
    answer = api("bob").post(URL, body)

    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert Bug.objects.get(pk=bug.pk).version == 1


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"assignee": "mallory"}, "not_a_member"),
        ({"assignee": "nobody-of-that-name"}, "not_a_member"),
        ({"custom": {"team": "red"}}, "invalid_custom_field"),
        ({"status": "triaged", "resolution": "fixed"}, "misplaced_resolution"),
        ({"tags": {f"more{n}": "" for n in range(50)}}, "too_many_tags"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_refusals_of_one_bug_have_codes(api, web, people_of_web, wanted, code):
    bug = report(web, tags={"one": ""})
    result = api("bob").post(URL, {"ids": [str(bug.pk)], "set": wanted}).json()["results"][0]

    assert (result["status"], result["code"]) == ("refused", code)
    assert Bug.objects.get(pk=bug.pk).version == 1


def test_carol_and_a_read_key_change_nothing(api, bug):
    body = {"ids": [str(bug.pk)], "set": {"severity": "low"}}

    assert api("carol").post(URL, body).json()["code"] == "role_missing"
    assert api("bob", permissions=["read"]).post(URL, body).json()["code"] == "permission_missing"


def test_a_viewer_elsewhere_is_refused_there(api, web, join, people_of_web):
    other = people.make_project(key="SHOP", name="Shop", by=SYSTEM)
    people.join(project=other, user=people_of_web["bob"], role="viewer", by=SYSTEM)
    seen, own = report(other), report(web)

    results = api("bob").post(URL, {"ids": [str(seen.pk), str(own.pk)], "set": {"severity": "low"}}).json()["results"]

    assert names(results) == ["refused", "changed"] and results[0]["code"] == "not_allowed"
