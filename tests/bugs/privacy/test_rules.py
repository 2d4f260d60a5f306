"""Rules of a project over REST: who may set them, what they may be, what a change begins."""

from typing import Any

import pytest

from audit.models import Event
from bugs.models import Project, Redaction

URL = "/api/v1/projects/WEB/privacy/"
OURS = {"name": "customer", "pattern": "KD-[0-9]{4}"}


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}


def test_a_project_begins_without_rules(api: Any, web: Any) -> None:
    answer = api("carol").get(URL)
    assert answer.json() == {"switched_off": [], "patterns": [], "allow": [], "version": 1, "redaction": None}
    assert answer.headers["ETag"] == '"1"'


def test_an_admin_sets_them(api: Any, web: Any) -> None:
    given = {"switched_off": ["phone"], "patterns": [OURS], "allow": ["*@example.com"]}
    answer = api("alice").put(URL, given)
    assert answer.status_code == 200 and answer.json().items() >= {**given, "version": 2}.items()
    assert answer.json()["redaction"].items() >= {"state": "queued", "done": 0, "total": None}.items()
    event = Event.objects.get(type="project.privacy_changed")
    assert event.data == {"version": 2, "switched_off": 1, "patterns": 1, "allowed": 1}
    assert Redaction.objects.get().actor.startswith("key:")


def test_the_same_rules_again_change_nothing(api: Any, web: Any) -> None:
    client = api("alice")
    for _ in range(2):
        assert client.put(URL, {"patterns": [OURS]}).json()["version"] == 2
    assert Redaction.objects.count() == 1


@pytest.mark.parametrize("name", ["bob", "carol"])
def test_others_do_not(api: Any, web: Any, name: str) -> None:
    client = api(name)
    assert client.put(URL, {}).status_code == client.post(f"{URL}try/", {"text": "x"}).status_code == 403


def test_who_read_other_rules_is_told(api: Any, web: Any) -> None:
    client = api("alice")
    assert client.put(URL, {"patterns": [OURS]}, HTTP_IF_MATCH='"7"').status_code == 412
    assert client.put(URL, {"patterns": [OURS]}, HTTP_IF_MATCH='"1"').status_code == 200


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"patterns": [OURS, {"name": "other", "pattern": "(a"}]}, "/patterns/1"),
        ({"patterns": [{"name": "of us", "pattern": "a"}]}, "/patterns/0"),
        ({"patterns": [{"name": "a", "pattern": "b*"}]}, "/patterns/0"),
        ({"patterns": [OURS, OURS]}, "/patterns/1"),
        ({"patterns": [{"name": "a", "pattern": r"(?=b)"}]}, "/patterns/0"),
        ({"switched_off": ["phone", "nothing"]}, "/switched_off/1"),
        ({"allow": ["a", "**"]}, "/allow/1"),
    ],
)
def test_rules_that_cannot_be_followed_are_pointed_at(api: Any, web: Any, given: Any, pointer: str) -> None:
    answer = api("alice").put(URL, given)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_rules")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert Project.objects.get(pk=web.pk).privacy == {}


def test_too_many_patterns_are_refused(api: Any, web: Any) -> None:
    many = [{"name": f"p{number}", "pattern": "a"} for number in range(21)]
    assert api("alice").put(URL, {"patterns": many}).status_code == 400


def test_rules_can_be_tried(api: Any, web: Any) -> None:
    client, text = api("alice"), "KD-4711 of ann@example.com, [redacted:phone]"
    tried = client.post(f"{URL}try/", {"text": text}).json()
    assert tried == {"text": "KD-4711 of [redacted:email], [redacted:phone]", "found": {"email": 1}}
    rules = {"patterns": [OURS], "switched_off": ["email"]}
    tried = client.post(f"{URL}try/", {"text": text, "rules": rules}).json()
    assert tried == {"text": "[redacted:customer] of ann@example.com, [redacted:phone]", "found": {"customer": 1}}
    assert not Redaction.objects.exists() and Project.objects.get(pk=web.pk).privacy == {}
    bad = client.post(f"{URL}try/", {"text": "x", "rules": {"patterns": [{"name": "a", "pattern": "("}]}})
    assert bad.json()["errors"][0]["pointer"] == "/rules/patterns/0"
