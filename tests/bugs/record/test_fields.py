"""Every field of a bug: reported, read back, edited, bounded."""

import pytest

from audit.actors import SYSTEM
from audit.models import Event
from bugs import services
from bugs.models import Bug, Project

URL = "/api/v1/bugs/"
TEXTS = {"steps": "Open the cart", "expected": "A receipt", "actual": "A blank page"}
FIELDS = {"team": {"type": "choice", "choices": ["red", "blue"]}, "cost": {"type": "number"}, "note": {"type": "text"}}


@pytest.fixture
def typed(web):
    Project.objects.filter(pk=web.pk).update(custom_fields=FIELDS)
    return web


def code_of(answer):
    return answer.json()["code"]


def test_alice_reports_a_bug_with_everything(api, typed):
    body = {
        **TEXTS,
        "project": "WEB",
        "title": "It broke",
        "priority": "urgent",
        "due_on": "2026-05-31",
        "assignee": "bob",
        "custom": {"team": "red", "cost": 2.5},
    }
    answer = api("alice").post(URL, body)

    assert answer.status_code == 201, answer.content
    assert {name: answer.json()[name] for name in body} == body


def test_bob_edits_everything(api, typed, bug):
    changes = {**TEXTS, "priority": "low", "due_on": "2026-05-31", "custom": {"team": "blue"}}
    client = api("bob")
    answer = client.patch(f"{URL}{bug.pk}/", changes)

    assert answer.status_code == 200, answer.content
    assert {name: answer.json()[name] for name in changes} == changes
    assert client.patch(f"{URL}{bug.pk}/", {"due_on": None}).json()["due_on"] is None
    assert Event.objects.filter(type="bug.edited").first().data["fields"] == sorted(changes)


def test_custom_values_are_merged_and_null_takes_one_away(api, typed, bug):
    client = api("bob")
    client.patch(f"{URL}{bug.pk}/", {"custom": {"team": "blue", "cost": 1}})

    assert client.patch(f"{URL}{bug.pk}/", {"custom": {"cost": None, "note": "x"}}).json()["custom"] == {
        "team": "blue",
        "note": "x",
    }


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"colour": "red"}, "/custom/colour"),
        ({"team": "green"}, "/custom/team"),
        ({"cost": "much"}, "/custom/cost"),
        ({"cost": True}, "/custom/cost"),
        ({"note": "x" * 1001}, "/custom/note"),
        ({"note": {"deep": 1}}, "/custom/note"),
    ],
)
def test_custom_values_that_do_not_fit_are_pointed_at(api, typed, bug, values, pointer):
    client = api("bob")
    for answer in (
        client.patch(f"{URL}{bug.pk}/", {"custom": values}),
        client.post(URL, {"project": "WEB", "title": "x", "custom": values}),
    ):
        assert (answer.status_code, code_of(answer)) == (400, "invalid_custom_field"), answer.content
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert Bug.objects.get().custom == {} and Bug.objects.get().version == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 301),
        ("description", "x" * 50_001),
        *((name, "x" * 20_001) for name in TEXTS),
        ("component", "x" * 101),
        ("environment", "x" * 65),
        ("release", "x" * 201),
        ("priority", "asap"),
        ("due_on", "31.5.2026"),
        ("due_on", "2026-02-30"),
        ("tags", {f"t{n}": "" for n in range(51)}),
        ("tags", {"x" * 101: ""}),
        ("tags", {"x": "y" * 201}),
        ("tags", ["x"]),
        ("custom", {f"f{n}": 1 for n in range(51)}),
        ("custom", "x"),
        ("version", 7),
        ("status", "closed"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_one_over_each_bound_is_refused(api, bug, name, value):
    answer = api("bob").patch(f"{URL}{bug.pk}/", {name: value})

    assert (answer.status_code, code_of(answer)) == (400, "invalid"), answer.content
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{name}")
    assert Bug.objects.get().version == 1


@pytest.mark.parametrize("text", ['"a\\u0000b"', '"\\ud800"'])
@pytest.mark.parametrize("name", [*TEXTS, "title"])
def test_nul_and_half_characters_never_come_in(api, bug, name, text):
    body = f'{{"{name}": {text}}}'.encode()
    answer = api("bob").patch(f"{URL}{bug.pk}/", body, content_type="application/json")

    assert (answer.status_code, code_of(answer)) == (400, "invalid_json")


def test_reporters_choose_no_assignee(api, web, join):
    from apikeys import services as keys

    rita = join("rita", "reporter")
    key = keys.issue(name="r", owner_id=rita.pk, permissions=["read", "write"], by=SYSTEM)[1]
    client = api(key=key)

    assert client.post(URL, {"project": "WEB", "title": "x"}).status_code == 201
    assert code_of(client.post(URL, {"project": "WEB", "title": "x", "assignee": "rita"})) == "not_allowed"


def test_an_assignee_is_in_the_project(api, web):
    answer = api("alice").post(URL, {"project": "WEB", "title": "x", "assignee": "mallory"})

    assert (answer.status_code, code_of(answer)) == (400, "not_a_member") and not Bug.objects.exists()


def test_editing_a_text_changes_what_filters_find(web, bug):
    words = Bug.objects.extra(where=["words @@ 'receipt'::tsquery"])
    assert not words.exists()
    services.edit(bug.pk, changes={"expected": "A receipt"}, by=SYSTEM)
    assert words.exists()


def test_severity_that_rises_is_escalated_and_one_that_falls_is_not(api, bug):
    client = api("bob")
    client.patch(f"{URL}{bug.pk}/", {"severity": "critical"})
    client.patch(f"{URL}{bug.pk}/", {"severity": "low"})

    types = Event.objects.filter(subject=f"bug:{bug.pk}").order_by("seq").values_list("type", flat=True)
    assert list(types) == [
        "bug.created",
        "bug.severity_changed",
        "bug.severity_escalated",
        "bug.severity_changed",
    ]
