"""`dry_run=true` answers what would be and changes nothing."""

import pytest

from apikeys.models import ApiKey
from audit.models import AccessRecord, Event, OutboxEntry
from bugs.models import Bug, Project

URL = "/api/v1/bugs/"


@pytest.fixture
def told(monkeypatch):
    """What listeners hear after commits."""
    heard = []
    monkeypatch.setattr("audit.log._listeners", lambda _: [heard.append])
    return heard


def test_a_report_is_answered_and_not_made(api, web, told, django_capture_on_commit_callbacks):
    client, numbers = api("bob"), Project.objects.get().next_bug_number
    told.clear()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        answer = client.post(f"{URL}?dry_run=true", {"project": "WEB", "title": "It broke"})

    assert answer.status_code == 201 and answer["Dry-Run"] == "true"
    assert answer.json()["reference"] == "WEB-1"
    assert "Location" not in answer and "ETag" not in answer
    assert not Bug.objects.exists() and Project.objects.get().next_bug_number == numbers
    assert not Event.objects.filter(type="bug.created").exists() and not OutboxEntry.objects.exists()
    assert not callbacks and not told
    assert AccessRecord.objects.filter(operation="bugs_create", status=201).count() == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("patch", "", {"severity": "critical"}, 200),
        ("post", "status/", {"to": "triaged"}, 200),
        ("post", "assign/", {"assignee": "bob"}, 200),
        ("delete", "", None, 204),
    ],
)
def test_every_write_of_a_bug_can_be_rehearsed(api, bug, method, path, body, status):
    client = api("alice")
    before = Event.objects.count()
    answer = getattr(client, method)(f"{URL}{bug.pk}/{path}?dry_run=true", body)

    assert answer.status_code == status and answer["Dry-Run"] == "true", answer.content
    assert Bug.objects.values("status", "severity", "assignee", "version", "deleted_at").get() == {
        **dict.fromkeys(("assignee", "deleted_at")),
        "status": "new",
        "severity": "high",
        "version": 1,
    }
    assert Event.objects.count() == before


def test_a_rehearsal_refuses_what_the_write_would(api, bug):
    answer = api("bob").post(f"{URL}{bug.pk}/status/?dry_run=true", {"to": "reopened"})
    assert (answer.status_code, answer.json()["code"]) == (409, "forbidden_move")


def test_after_a_rehearsal_the_key_is_free(api, bug):
    client, url = api("bob"), f"{URL}{bug.pk}/status/"
    client.post(f"{url}?dry_run=true", {"to": "triaged"}, HTTP_IDEMPOTENCY_KEY="a")
    done = client.post(url, {"to": "triaged"}, HTTP_IDEMPOTENCY_KEY="a")
    assert done.status_code == 200 and "Idempotent-Replayed" not in done


def test_what_shows_a_secret_is_not_rehearsed(api, web):
    answer = api("alice").post("/api/v1/api-keys/?dry_run=true", {"name": "one", "permissions": ["read"]})
    assert answer.status_code == 400 and not ApiKey.objects.filter(name="one").exists()


def test_dry_run_is_true_or_false(api, bug):
    client = api("bob")
    assert client.post(f"{URL}{bug.pk}/status/?dry_run=yes", {"to": "triaged"}).json()["code"] == "invalid_dry_run"
    assert client.post(f"{URL}{bug.pk}/status/?dry_run=false", {"to": "triaged"}).json()["status"] == "triaged"
