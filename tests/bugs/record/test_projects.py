"""Projects over REST: who sees them, what their admins change, who is in them."""

import pytest

from audit.actors import SYSTEM
from audit.models import Event
from bugs import people, services, sla
from bugs.models import Bug, Membership, Project

URL = "/api/v1/projects/"
WEB = f"{URL}WEB/"
MEMBERS = f"{WEB}members/"


def code_of(answer):
    return answer.json()["code"]


def pointer_of(answer):
    return answer.json()["errors"][0]["pointer"]


def test_everyone_sees_their_projects_and_no_others(api, web):
    people.make_project(key="EVIL", name="Elsewhere", by=SYSTEM)
    client = api("carol")

    assert [(row["key"], row["role"]) for row in client.get(URL).json()["results"]] == [("WEB", "viewer")]
    assert client.get(WEB).json()["name"] == "Web shop"
    assert code_of(client.get(f"{URL}EVIL/")) == code_of(client.get(f"{URL}NONE/")) == "not_found"
    assert code_of(api("mallory").get(URL)) == "role_missing"


def test_projects_come_in_pages(api, web, people_of_web):
    other = people.make_project(key="SHOP", name="Shop", by=SYSTEM)
    people.join(project=other, user=people_of_web["carol"], role="viewer", by=SYSTEM)
    client = api("carol")
    first = client.get(f"{URL}?limit=1").json()

    assert [row["key"] for row in first["results"]] == ["SHOP"]
    assert [row["key"] for row in client.get(first["next"]).json()["results"]] == ["WEB"]
    assert code_of(client.get(f"{URL}?colour=red")) == "unknown_parameter"


def test_a_new_project_has_the_usual_targets(api, web):
    assert api("carol").get(WEB).json()["sla"] == sla.DEFAULTS


def test_alice_changes_her_project(api, web):
    changes = {
        "name": "Shop",
        "time_zone": "Europe/Zurich",
        "custom_fields": {"team": {"type": "choice", "choices": ["red", "blue"]}, "cost": {"type": "number"}},
        "sla": {"high": {"triage_hours": 2, "resolve_hours": 4}},
    }
    answer = api("alice").patch(WEB, changes)

    assert answer.status_code == 200, answer.content
    assert {name: answer.json()[name] for name in changes} == changes
    event = Event.objects.get(type="project.updated")
    assert event.data == {"version": 2, "fields": sorted(changes)}


def test_alice_sets_what_becomes_of_errors(api, web):
    client = api("alice")
    assert client.get(WEB).json()["errors"] == {
        "bugs_from": "error",
        "attaches_similar": True,
        "events_per_minute": None,
        "retention_days": None,
    }
    client.patch(WEB, {"errors": {"events_per_minute": 1_000_000, "retention_days": 3_650}})
    answer = client.patch(WEB, {"errors": {"bugs_from": "none", "attaches_similar": False, "events_per_minute": None}})

    assert answer.json()["errors"] == {
        "bugs_from": "none",
        "attaches_similar": False,
        "events_per_minute": None,
        "retention_days": 3_650,
    }
    event = Event.objects.filter(type="project.updated").latest("seq")
    assert event.data == {"version": 3, "fields": ["attaches_similar", "bugs_from", "events_per_minute"]}


def test_two_admins_with_one_version(api, web):
    client = api("alice")
    tag = client.get(WEB)["ETag"]

    assert client.patch(WEB, {"name": "First"}, HTTP_IF_MATCH=tag).status_code == 200
    assert code_of(client.patch(WEB, {"name": "Second"}, HTTP_IF_MATCH=tag)) == "version_changed"
    assert Project.objects.get().name == "First"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"time_zone": "Mars/Olympus"}, "invalid_time_zone", "/time_zone"),
        ({"time_zone": "../etc/passwd"}, "invalid_time_zone", "/time_zone"),
        ({"name": ""}, "invalid", "/name"),
        ({"name": "x" * 101}, "invalid", "/name"),
        ({"key": "NEW"}, "invalid", "/key"),
        ({"custom_fields": []}, "invalid_definition", "/custom_fields"),
        ({"custom_fields": {"Team": {"type": "text"}}}, "invalid_definition", "/custom_fields/Team"),
        ({"custom_fields": {"team": {"type": "colour"}}}, "invalid_definition", "/custom_fields/team/type"),
        ({"custom_fields": {"team": {"type": "choice"}}}, "invalid_definition", "/custom_fields/team/choices"),
        ({"sla": {"worst": {}}}, "invalid_definition", "/sla/worst"),
        ({"sla": {"high": {"triage_hours": 0}}}, "invalid_definition", "/sla/high/triage_hours"),
        ({"errors": {"bugs_from": "debug"}}, "invalid", "/errors/bugs_from"),
        ({"errors": {"events_per_minute": 0}}, "invalid", "/errors/events_per_minute"),
        ({"errors": {"events_per_minute": 1_000_001}}, "invalid", "/errors/events_per_minute"),
        ({"errors": {"retention_days": 3_651}}, "invalid", "/errors/retention_days"),
        ({"errors": {"rate": 1}}, "invalid", "/errors/rate"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_changes_are_pointed_at(api, web, changes, code, pointer):
    answer = api("alice").patch(WEB, changes)

    assert (answer.status_code, code_of(answer), pointer_of(answer)) == (400, code, pointer), answer.content
    assert Project.objects.get().version == 1


def test_bob_reads_his_project_and_does_not_change_it(api, web):
    assert code_of(api("bob").patch(WEB, {"name": "Mine"})) == "role_missing"
    assert code_of(api("alice", permissions=["read", "write"]).patch(WEB, {"name": "Mine"})) == "permission_missing"


def test_an_admin_elsewhere_is_no_admin_here(api, web, people_of_web):
    other = people.make_project(key="SHOP", name="Shop", by=SYSTEM)
    people.join(project=other, user=people_of_web["bob"], role="admin", by=SYSTEM)

    assert code_of(api("bob").patch(WEB, {"name": "Mine"})) == "not_allowed"


FIELDS = {"team": {"type": "choice", "choices": ["red", "blue"]}, "cost": {"type": "number"}}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({**FIELDS, "team": {"type": "text"}}, 409),
        ({"cost": {"type": "number"}}, 409),
        ({**FIELDS, "team": {"type": "choice", "choices": ["blue"]}}, 409),
        ({**FIELDS, "team": {"type": "choice", "choices": ["red", "green"]}}, 200),
        ({**FIELDS, "cost": {"type": "date"}}, 200),
        ({"team": FIELDS["team"]}, 200),
    ],
)
def test_a_field_with_values_keeps_its_type(api, web, changed, status):
    client = api("alice")
    client.patch(WEB, {"custom_fields": FIELDS})
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x", custom={"team": "red"})
    services.delete(bug.pk, by=SYSTEM)

    answer = client.patch(WEB, {"custom_fields": changed})
    assert answer.status_code == status, answer.content
    if status == 409:
        assert (code_of(answer), pointer_of(answer)) == ("custom_field_in_use", "/custom_fields/team")
        assert Project.objects.get().custom_fields == FIELDS and Bug.objects.get().custom == {"team": "red"}


def test_members_are_listed_added_changed_and_removed(api, web):
    client = api("alice")
    names = [row["username"] for row in client.get(MEMBERS).json()["results"]]
    assert names == ["alice", "bob", "carol"]

    assert client.post(MEMBERS, {"username": "mallory", "role": "reporter"}).status_code == 201
    assert client.patch(f"{MEMBERS}mallory/", {"role": "triager"}).json()["role"] == "triager"
    assert client.delete(f"{MEMBERS}mallory/").status_code == 204
    types = Event.objects.filter(actor__startswith="key:").order_by("seq").values_list("type", flat=True)
    assert list(types) == ["member.joined", "member.joined", "member.left"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("post", MEMBERS, {"username": "nobody", "role": "viewer"}, 400, "unknown_user"),
        ("post", MEMBERS, {"username": "bob", "role": "viewer"}, 409, "already_a_member"),
        ("post", MEMBERS, {"username": "mallory", "role": "king"}, 400, "invalid"),
        ("patch", f"{MEMBERS}mallory/", {"role": "viewer"}, 404, "not_found"),
        ("delete", f"{MEMBERS}mallory/", None, 404, "not_found"),
        ("patch", f"{MEMBERS}alice/", {"role": "viewer"}, 409, "last_admin"),
        ("delete", f"{MEMBERS}alice/", None, 409, "last_admin"),
    ],
)
def test_what_is_refused_of_members(api, web, method, path, body, status, code):
    before = set(Membership.objects.values_list("user__username", "role"))
    client = api("alice")
    answer = getattr(client, method)(path, body)

    assert (answer.status_code, code_of(answer)) == (status, code), answer.content
    assert set(Membership.objects.values_list("user__username", "role")) == before


def test_with_a_second_admin_the_first_may_go(api, web):
    client = api("alice")
    client.patch(f"{MEMBERS}bob/", {"role": "admin"})

    assert client.delete(f"{MEMBERS}alice/").status_code == 204
