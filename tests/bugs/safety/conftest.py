"""Two tenants: WEB with one of everything, and OWN, where mallory is the admin."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audit.actors import SYSTEM
from audit.models import AccessRecord, Event
from bugs import people
from bugs.ingest.digest import writer
from bugs.ingest.reading.normalize import normalize
from bugs.models import EscalationRule, Release, Session


@pytest.fixture(autouse=True)
def alone(settings: Any, tmp_path: Any) -> None:
    """Nobody listens, and files go to a folder of the test."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}
    settings.MEDIA_ROOT = str(tmp_path)
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}


@pytest.fixture
def crash(web: Any) -> Callable[..., list[str]]:
    """An error comes in, in a session of a release."""

    def send(project: Any = None) -> list[str]:
        raised = [{"type": "ValueError", "value": "bad", "mechanism": {"handled": True}}]
        event = {
            "exception": raised,
            "timestamp": timezone.now().isoformat(),
            "release": "1.0",
            "tags": {"session_id": "s-1"},
        }
        found = normalize(event, received_at=timezone.now(), event_id=uuid4())
        return writer.accept((project or web).pk, [found])

    return send


@pytest.fixture
def own(people_of_web: dict[str, Any]) -> Any:
    """Mallory's project: nothing but the rows of WEB stands between mallory and them."""
    project = people.make_project(key="OWN", name="Mallory's own", by=SYSTEM)
    people.join(project=project, user=people_of_web["mallory"], role="admin", by=SYSTEM)  # type: ignore[arg-type]
    return project


@pytest.fixture
def world(api: Any, bug: Any, web: Any, crash: Any) -> dict[str, str]:
    """What there is in WEB: the name of a kind of route -> the id of a row."""
    client, at = api("alice"), f"/api/v1/bugs/{bug.pk}/"
    crash()
    comment = client.post(f"{at}comments/", {"body": "Public."}).json()
    client.patch(f"{at}comments/{comment['id']}/", {"body": "Edited."})
    file = SimpleUploadedFile("notes.txt", b"words", content_type="text/plain")
    attachment = client.post(f"{at}attachments/", {"file": file}, format="multipart").json()
    other = client.post("/api/v1/bugs/", {"project": "WEB", "title": "Another"}).json()
    link = client.post(f"{at}links/", {"to": other["id"], "kind": "blocks"}).json()
    view = client.post("/api/v1/views/", {"name": "Mine", "project": "WEB"}).json()
    rules = "/api/v1/projects/WEB/"
    assignment = client.post(f"{rules}assignment-rules/", {"component": "cart", "assignee": "bob"}).json()
    condition = {"field": "exception", "pattern": "Nothing"}
    own_rule = client.post(f"{rules}grouping-rules/", {"name": "Ours", "match": [condition]}).json()
    EscalationRule.objects.create(project=web, q="is:open", severity="critical", created_at=timezone.now())
    group = client.get("/api/v1/error-groups/").json()["results"][0]
    report = client.get("/api/v1/errors/").json()["results"][0]
    feedback = client.post("/api/v1/feedback/", {"project": "WEB", "message": "It broke"}).json()
    export = client.post("/api/v1/exports/", {"format": "json"}).json()
    webhook = client.post(
        "/api/v1/webhooks/", {"project": "WEB", "url": "https://example.com/hook", "event_types": ["bug.created"]}
    ).json()
    connector = client.post("/api/v1/connectors/", {"project": "WEB", "kind": "github"}).json()
    Group.objects.create(name="Triage")
    group_role = client.post(f"{rules}groups/", {"name": "Triage", "role": "triager"}).json()
    key = client.get("/api/v1/api-keys/").json()["results"][0]
    erasure = client.post("/api/v1/privacy/erasures/", {"person": "nobody@example.org", "project": "WEB"}).json()
    return {
        "bug": str(bug.pk),
        "bugs": str(bug.pk),
        "comments": comment["id"],
        "comment_history": comment["id"],
        "attachments": attachment["id"],
        "attachment_downloads": attachment["id"],
        "links": link["id"],
        "views": view["id"],
        "group_roles": group_role["id"],
        "assignment_rules": assignment["id"],
        "grouping_rules": own_rule["id"],
        "error_grouping": report["id"],
        "escalation_rules": str(EscalationRule.objects.get(project=web).pk),
        "error_groups": group["id"],
        "error_patterns": group["id"],
        "errors": report["id"],
        "feedback": feedback["id"],
        "outcomes": report["event_id"],
        "sessions": str(Session.objects.get(project=web).pk),
        "releases": str(Release.objects.get(project=web).pk),
        "exports": export["id"],
        "webhooks": webhook["id"],
        "connectors": connector["id"],
        "inbound": connector["id"],
        "api_keys": key["id"],
        "erasures": erasure["id"],
        "audit_access": str(AccessRecord.objects.filter(target=f"bug:{bug.pk}").values_list("pk", flat=True)[0]),
        "audit_events": str(Event.objects.filter(project_id=web.pk).values_list("pk", flat=True)[0]),
    }
