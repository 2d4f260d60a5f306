"""What reporters agree to: recorded, taken back, never changed, and never shown with whose it was."""

from typing import Any

import pytest

from bugs.models import Consent, Reporter
from bugs.selectors import consents, reporters

ANN = "Ann.Miller@Example.org"


@pytest.fixture(autouse=True)
def alone(settings: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}


def _say(client: Any, **more: Any) -> Any:
    said = {"project": "WEB", "reporter": ANN, "purpose": "analysis", "is_granted": True, **more}
    return client.post("/api/v1/consents/", said)


def test_a_decision_is_recorded(api: Any, web: Any) -> None:
    answer = _say(api("bob"), source="a letter")
    assert answer.status_code == 201
    row = answer.json()
    assert (row["purpose"], row["is_granted"], row["source"], row["username"]) == ("analysis", True, "a letter", None)


def test_whose_it_is_stands_nowhere(api: Any, web: Any) -> None:
    client = api("bob")
    said = _say(client).content + client.get("/api/v1/consents/?project=WEB").content
    assert b"miller" not in said.lower()
    row = Reporter.objects.get()
    assert b"miller" not in bytes(row.identity).lower() + bytes(row.blind).lower()


def test_the_address_is_known_in_any_spelling(api: Any, web: Any) -> None:
    client = api("bob")
    _say(client)
    _say(client, reporter="  ann.miller@EXAMPLE.ORG ", purpose="sharing")
    assert Reporter.objects.count() == 1
    found = client.post("/api/v1/consents/find/", {"project": "WEB", "reporter": ANN.upper()}).json()
    assert found["purposes"] == {"analysis": True, "sharing": True}


def test_the_newest_decision_counts_and_all_are_kept(api: Any, web: Any) -> None:
    client = api("bob")
    _say(client)
    _say(client, is_granted=False)
    assert client.post("/api/v1/consents/find/", {"project": "WEB", "reporter": ANN}).json()["purposes"] == {
        "analysis": False
    }
    shown = client.get("/api/v1/consents/?project=WEB").json()["results"]
    assert [row["is_granted"] for row in shown] == [False, True]


def test_a_member_is_known_by_their_name(api: Any, web: Any, people_of_web: Any) -> None:
    row = _say(api("bob"), reporter="carol").json()
    assert row["username"] == "carol"
    assert reporters.find(web.pk, "carol").user_id == people_of_web["carol"].pk


def test_a_member_is_one_under_name_and_address(api: Any, web: Any, people_of_web: Any) -> None:
    people_of_web["carol"].email = "carol@corp.example"
    people_of_web["carol"].save()
    client = api("bob")
    _say(client, reporter="carol")
    _say(client, reporter="Carol@corp.example", is_granted=False)
    found = client.post("/api/v1/consents/find/", {"project": "WEB", "reporter": "carol"}).json()
    assert found["purposes"] == {"analysis": False} and Reporter.objects.count() == 1


def test_someone_unknown_has_agreed_to_nothing(api: Any, web: Any) -> None:
    found = api("bob").post("/api/v1/consents/find/", {"project": "WEB", "reporter": "nobody@example.org"}).json()
    assert found == {"reporter_id": None, "purposes": {}}


@pytest.mark.parametrize("name", ["carol", "mallory"])
def test_readers_and_strangers_record_none(api: Any, web: Any, name: str) -> None:
    assert _say(api(name)).status_code in (400, 403)
    assert not Consent.objects.exists()


def test_two_projects_cannot_see_that_they_know_one_person(web: Any) -> None:
    from audit.actors import SYSTEM
    from bugs import people
    from bugs.services import reporters as services

    other = people.make_project(key="OWN", name="Own", by=SYSTEM)
    one, two = services.named(web.pk, ANN), services.named(other.pk, ANN)
    assert bytes(one.blind) != bytes(two.blind)
    assert reporters.identity_of(one) == reporters.identity_of(two) == ANN.lower()


@pytest.mark.parametrize(
    ("field", "value"),
    [("purpose", "fun"), ("is_granted", "perhaps"), ("reporter", ""), ("reporter", "x" * 255), ("project", "NONE")],
)
def test_bad_input_is_named(api: Any, web: Any, field: str, value: Any) -> None:
    answer = _say(api("bob"), **{field: value})
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == f"/{field}"


class TestAgreed:
    """Whose bugs may be passed on as they were written."""

    def test_feedback_needs_the_consent_of_who_gave_it(self, api: Any, web: Any) -> None:
        client = api("alice")
        said = {"project": "WEB", "message": "It broke", "email": ANN}
        bug_id = client.post("/api/v1/feedback/", said).json()["bug_id"]
        assert not consents.agreed([bug_id], "analysis")
        _say(client)
        assert {str(one) for one in consents.agreed([bug_id], "analysis")} == {bug_id}
        assert not consents.agreed([bug_id], "sharing")
        _say(client, is_granted=False)
        assert not consents.agreed([bug_id], "analysis")

    def test_a_member_agrees_for_what_they_filed(self, api: Any, web: Any) -> None:
        client = api("alice")
        bug_id = client.post("/api/v1/bugs/", {"project": "WEB", "title": "x"}).json()["id"]
        _say(client, reporter="alice")
        assert {str(one) for one in consents.agreed([bug_id], "analysis")} == {bug_id}

    def test_nobody_agrees_for_a_bug_that_nobody_told(self, bug: Any) -> None:
        assert not consents.agreed([bug.pk], "analysis")
