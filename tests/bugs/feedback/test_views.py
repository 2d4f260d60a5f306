"""Feedback over REST: who may read it, who is told who said it, and feedback that comes over the API."""

from uuid import uuid4

import pytest

from bugs.ingest.digest import feedback
from bugs.models import Bug, BugLink, Feedback
from tests.bugs.feedback.conftest import said

URL = "/api/v1/feedback/"


def messages(response):
    assert response.status_code == 200, response.content
    return [row["message"] for row in response.json()["results"]]


def test_feedback_is_listed_newest_first_and_by_pages(web, api):
    for number in range(3):
        feedback.keep(web.pk, [said(str(number))])
    client = api("carol")
    first = client.get(f"{URL}?limit=2")
    assert messages(first) == ["2", "1"]
    second = client.get(first.json()["next"])
    assert messages(second) == ["0"]
    assert messages(client.get(second.json()["previous"])) == ["2", "1"]
    assert client.get(f"{URL}?count=exact").json()["count"] == 3


def test_feedback_names_its_bug_and_the_errors(web, api, crash):
    event = crash()
    feedback.keep(web.pk, [said(about=event, url="/pay")])
    (row,) = api("bob").get(URL).json()["results"]
    assert (row["project"], row["bug"], row["error_bug"], row["event_id"]) == ("WEB", "WEB-2", "WEB-1", str(event))
    assert (row["name"], row["email"]) == ("[redacted:name]", "[redacted:email]")
    assert (row["url"], row["source"]) == ("/pay", "feedback")
    assert api("bob").get(f"{URL}{row['id']}/").json() == row


@pytest.mark.parametrize("name", ["carol", "bob", "alice"])
def test_who_said_it_is_in_no_list(web, api, name):
    feedback.keep(web.pk, [said()])
    answer = api(name).get(URL)
    (row,) = answer.json()["results"]
    assert (row["message"], row["name"], row["email"]) == ("It broke", "[redacted:name]", "[redacted:email]")
    assert b"ann" not in answer.content.lower()


def test_filters(web, api, crash):
    feedback.keep(web.pk, [said("One", about=crash()), said("Other")])
    client = api("carol")
    assert messages(client.get(f"{URL}?project=WEB")) == ["Other", "One"]
    assert messages(client.get(f"{URL}?project=NONE")) == []
    assert messages(client.get(f"{URL}?bug=WEB-1")) == messages(client.get(f"{URL}?bug=WEB-2")) == ["One"]
    assert messages(client.get(f"{URL}?bug=NONE-1")) == messages(client.get(f"{URL}?bug=x")) == []
    assert client.get(f"{URL}?bugs=WEB-1").json()["code"] == "unknown_parameter"


def test_feedback_of_a_deleted_bug_is_gone_with_it(web, api):
    feedback.keep(web.pk, [said()])
    api("alice").delete("/api/v1/bugs/WEB-1/")
    assert messages(api("alice").get(URL)) == []
    assert api("alice").get(f"{URL}{Feedback.objects.get().pk}/").status_code == 404


def test_an_outsider_finds_none(web, api):
    feedback.keep(web.pk, [said()])
    assert api("mallory").get(URL).status_code == 403
    assert api("mallory").get(f"{URL}{Feedback.objects.get().pk}/").status_code == 403


def test_feedback_comes_over_the_api(web, api, crash):
    event = crash(release="1.0")
    body = {"project": "WEB", "message": "It broke", "name": "Ann", "email": "ann@example.com", "event_id": str(event)}
    response = api("bob").post(URL, {**body, "url": "https://shop.example/pay?token=1"})
    assert response.status_code == 201, response.content
    row = response.json()
    assert (row["bug"], row["error_bug"], row["source"], row["name"]) == ("WEB-2", "WEB-1", "api", "[redacted:name]")
    assert row["url"] == "https://shop.example/pay"
    assert response["Location"].endswith(f"{URL}{row['id']}/")
    bug = Bug.objects.get(number=2)
    assert (bug.reporter.username, bug.release) == ("bob", "1.0")
    assert BugLink.objects.get().target.number == 1


def test_the_same_call_again_is_answered_as_before(web, api):
    client, body = api("bob"), {"project": "WEB", "message": "It broke"}
    first, again = (client.post(URL, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))
    assert first.content == again.content and Bug.objects.count() == 1


def test_a_rehearsal_leaves_nothing(web, api):
    assert api("bob").post(f"{URL}?dry_run=true", {"project": "WEB", "message": "x"}).status_code == 201
    assert not Bug.objects.exists() and not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"message": ""}, "/message"),
        ({"message": "x" * 4_097}, "/message"),
        ({"name": "x" * 129}, "/name"),
        ({"email": "ann"}, "/email"),
        ({"event_id": "5"}, "/event_id"),
        ({"url": "x" * 2_001}, "/url"),
        ({"mesage": "x"}, "/mesage"),
        ({"project": "NONE"}, "/project"),
    ],
)
def test_wrong_feedback_is_refused(web, api, change, pointer):
    answer = api("bob").post(URL, {"project": "WEB", "message": "It broke", **change})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_who_may_not_report_bugs_may_not_give_feedback(web, api):
    assert api("carol").post(URL, {"project": "WEB", "message": "x"}).status_code == 403


def test_a_foreign_event_is_as_unknown_as_a_missing_one(web, api):
    answers = []
    for _ in range(2):
        answer = api("bob").post(URL, {"project": "WEB", "message": "x", "event_id": str(uuid4())}).json()
        answers.append(answer["error_bug"])
    assert answers == [None, None]
