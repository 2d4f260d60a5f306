"""Two worlds that differ in personal values alone answer the same, to everybody who may not read raw: nothing raw can
be listed, found, counted, ordered by or guessed."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import people, selectors, services
from bugs.commits import cut
from bugs.ingest.digest import writer
from bugs.ingest.reading.normalize import normalize
from bugs.models import Bug, User
from bugs.selectors import matching
from bugs.services import attachments, comments, contexts, feedback, folding, releases
from bugs.services.feedback import Said
from exports import runner

ONE = {
    "mail": "ann.smith@example.com",
    "phone": "+41 79 123 45 67",
    "card": "4111 1111 1111 1111",
    "name": "Ann Smith",
    "ip": "203.0.113.7",
    "iban": "CH93 0076 2011 6238 5295 7",
    "home": "/home/annsmith/shop/pay.py",
}
OTHER = {
    "mail": "zoltan@mail.example.org",
    "phone": "+49 30 901820",
    "card": "5555 5555 5555 4444",
    "name": "Zoltan Kovacs",
    "ip": "198.51.100.23",
    "iban": "DE89 3704 0044 0532 0130 00",
    "home": "/home/zkovacs/shop/pay.py",
}
ASKED = [value for world in (ONE, OTHER) for value in world.values()] + [
    "annsmith",
    "smith",
    "kovacs",
    "4111",
    "zoltan",
]
ORDERINGS = ("-created_at", "created_at", "-updated_at", "updated_at")
PAGES = [
    *(
        f"/api/v1/bugs/?ordering={order}&expand=comments,attachments,related,error_context,analytics"
        for order in ORDERINGS
    ),
    *("/api/v1/bugs/WEB-1/", "/api/v1/bugs/WEB-1/related/", "/api/v1/bugs/WEB-1/timeline/"),
    *("/api/v1/bugs/WEB-1/events/", "/api/v1/bugs/WEB-1/suspect-commits/", "/api/v1/bugs/search/?similar_to=WEB-1"),
    *("/api/v1/bugs/search/?text=pay", "/api/v1/bugs/search/?text=redacted", "/api/v1/bugs/search/?text=shop"),
    *("/api/v1/errors/", "/api/v1/error-groups/", "/api/v1/error-patterns/", "/api/v1/sessions/", "/api/v1/releases/"),
    *("/api/v1/feedback/", "/api/v1/analytics/errors/", "/api/v1/analytics/performance/"),
    *(f"/api/v1/analytics/bugs/?group_by={name}" for name in ("component", "environment", "release", "severity")),
]
_IDS = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\b[0-9a-f]{16,64}\b")
_TIMES = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?|datetime\.datetime\([^)]*\)")


@pytest.fixture(autouse=True)
def quiet(settings: Any, tmp_path: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS, settings.MEDIA_ROOT = {}, {}, str(tmp_path)
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}


def build(of: dict[str, str]) -> None:
    """One of everything that people and programs may write, with this world's values in every text."""
    project = people.make_project(key="WEB", name="Web shop", by=SYSTEM)
    for name, role in (("alice", "admin"), ("carol", "viewer")):
        people.join(project=project, user=User.objects.create(username=name), role=role, by=SYSTEM)  # type: ignore[arg-type]
    text = f"{of['mail']} and {of['phone']} paid with {of['card']} or {of['iban']} from {of['ip']}"
    fields = dict.fromkeys(("description", "steps", "expected", "actual"), text)
    tags = {"customer": of["mail"], f"of {of['mail']}": "1"}
    for number in range(3):
        told = {"title": f"Cannot pay as {of['mail']} ({number})", "component": "shop", "tags": tags, **fields}
        bug = services.report(project_id=project.pk, by=SYSTEM, release="1.8.0.1", environment="prod", **told)
    comment = comments.add(bug.pk, body=text, by=SYSTEM)
    comments.edit(comment.pk, body=f"Sorry: {text}", by=SYSTEM)
    attachments.add(bug.pk, file=ContentFile(b"words"), name=f"of {of['mail']}.txt", declared="text/plain", by=SYSTEM)
    words = Said(message=f"{of['name']} here, {text}", source="api", name=of["name"], email=of["mail"])
    feedback.add(project.pk, [words], by=SYSTEM)
    commits = [cut("a" * 40, message=f"Pay for {of['mail']}", author=of["mail"], files=["shop/pay.py"])]
    releases.publish(project_id=project.pk, version="1.8.0.1", commits=commits, by=SYSTEM)
    writer.accept(project.pk, [crash(of, number) for number in range(3)])
    contexts.fold()
    folding.fold()


def crash(of: dict[str, str], number: int) -> Any:
    frame = {"filename": of["home"], "abs_path": of["home"], "function": "pay", "lineno": 7, "in_app": True,
             "vars": {"buyer": of["mail"], "password": of["name"]}}  # fmt: skip
    raised = {"type": "PayError", "value": f"no card {of['card']} of {of['mail']}", "stacktrace": {"frames": [frame]}}
    crumb = {"category": "ui", "message": f"wrote to {of['mail']} at {of['phone']}", "timestamp": 1}
    event = {
        "exception": [raised], "timestamp": timezone.now().isoformat(), "release": "1.8.0.1",
        "breadcrumbs": {"values": [crumb]},
        "user": {"id": "7", "email": of["mail"], "username": of["name"], "ip_address": of["ip"]},
        "request": {"url": f"https://shop.example/pay?who={of['mail']}", "headers": {"Cookie": f"sid={of['name']}"}},
        "tags": {"session_id": "s-1", "customer": of["mail"]}, "extra": {"card": of["card"]},
    }  # fmt: skip
    return normalize(event, received_at=timezone.now(), event_id=UUID(int=number + 1))


def steady(text: str) -> str:
    """Without what differs between any two runs: ids become their number of appearance, moments a word."""
    seen: dict[str, str] = {}
    text = _IDS.sub(lambda found: seen.setdefault(found[0], f"id{len(seen)}"), _TIMES.sub("T", text))
    return re.sub(r'"(score|similarity|median|mean|p\d+|[a-z_]*seconds)":[\d.e-]+', r'"\1":0', text)


def answers() -> Iterator[tuple[str, str]]:
    from rest_framework.test import APIClient

    from apikeys import services as keys

    for name in ("carol", "alice"):
        user = User.objects.get(username=name)
        limits = {"requests_per_minute": 100_000, "requests_per_hour": 100_000}
        may = ("read", "write", "export")
        token = keys.issue(name=name, owner_id=user.pk, permissions=may, rate_limits=limits, by=SYSTEM)[1]
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        for page in PAGES:
            answer = client.get(page)
            assert answer.status_code == 200, (page, answer.content)
            yield f"{name} {page}", steady(answer.content.decode())
        for asked in ASKED:
            for page in ("/api/v1/bugs/?q=", "/api/v1/bugs/search/?text="):
                answer = client.get(page + f'"{asked}"'.replace("+", "%2B"))
                yield f"{name} {page}{asked}", steady(answer.content.decode())
            answer = client.get("/api/v1/bugs/", {"q": f'tag.customer:"{asked}"'})
            yield f"{name} tag {asked}", steady(answer.content.decode())
    yield from exported(client)
    documents = selectors.documents_of([bug.pk for bug in Bug.objects.order_by("number")])
    yield "documents of streams", steady("".join(documents))
    yield (
        "documents of filters",
        steady(str([matching.filter_documents([bug.pk]) for bug in Bug.objects.order_by("number")])),
    )


def exported(client: Any) -> Iterator[tuple[str, str]]:
    for form in ("json", "csv", "xml"):
        made = client.post("/api/v1/exports/", {"format": form, "project": "WEB"}).json()
        runner.run_due()
        answer = client.get(f"/api/v1/exports/{made['id']}/download/")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200
        yield f"export {form}", steady(body.decode())


@pytest.mark.django_db(transaction=True)
def test_what_is_personal_changes_no_answer(valkey: Any) -> None:
    worlds = []
    for values in (ONE, OTHER):
        build(values)
        worlds.append(dict(answers()))
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    one, other = worlds
    assert one.keys() == other.keys()
    different = {name: (one[name], other[name]) for name in one if one[name] != other[name]}
    assert not different, next(iter(different.items()))
    everything = "".join(text for name, text in one.items() if not any(value in name for value in ASKED))
    assert [value for value in ASKED if value in everything] == []
    assert "[redacted:email]" in everything
