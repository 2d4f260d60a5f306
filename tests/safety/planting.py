"""Puts texts in by every door: people's, programs', other systems', and what surrounds a request."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from tests.safety.canaries import Flock

API = "/api/v1/"
Document = dict[str, Any]
SECRET = "what the connector and GitHub have"
IN_PATHS, IN_URLS = "/\\", "/ \n?#&<\\"  # what would end it, or begin another part
MOVES = ("triaged", "in_progress")


@dataclass
class Doors:
    """Who comes in: alice with a key, programs with the key of the project, a browser. refused: what was not taken."""

    alice: APIClient
    stranger: APIClient
    number: int
    dsn_key: str
    connector: str = ""
    refused: list[tuple[str, str, bytes]] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, *, may: Sequence[int] = (), **more: Any) -> Any:
        """A call that must do what it says, unless `may` names another status."""
        answer = getattr(self.alice, method)(API + path, body, **more)
        if answer.status_code >= 400 and answer.status_code not in may:
            self.refused.append((method, path, answer.content))
        return answer.json() if answer.content else {}


def of_people(doors: Doors, some: Flock, others: Flock) -> None:
    """What somebody writes who has a key. others: names of people, which are taken out of the texts beside them."""
    body = {
        "project": "WEB", "title": some.one(300), "description": some.prose, "steps": some.prose,
        "expected": some.one(), "actual": some.one(), "component": some.one(100),
        "environment": some.label(), "release": f"shop-{some.label()}",
        "tags": {some.one(100): "x", "who": some.one(200)}, "custom": {"note": some.one(500)},
    }  # fmt: skip
    bug = doors.call("post", "bugs/", body, HTTP_IDEMPOTENCY_KEY=_visible(some.one(255)))
    at = f"bugs/{bug['id']}/"
    doors.call("patch", at, {"title": some.one(300), "description": some.prose, "tags": {"by": some.one(200)}})
    for to in MOVES:
        doors.call("post", f"{at}status/", {"to": to, "notes": some.prose})
    to_set = {"component": some.one(100), "tags": {"more": some.one(200)}, "custom": {"note": some.one(500)}}
    doors.call("post", "bugs/bulk/", {"ids": [bug["id"]], "set": to_set})
    for is_internal in (False, True):
        comment = doors.call("post", f"{at}comments/", {"body": some.prose, "is_internal": is_internal})
        doors.call("patch", f"{at}comments/{comment['id']}/", {"body": some.one()})
    for _ in some.members:
        file = SimpleUploadedFile(f"{some.one(190, IN_PATHS)}.txt", b"words", content_type="text/plain")
        doors.call("post", f"{at}attachments/", {"file": file}, format="multipart")
    words = {
        "project": "WEB",
        "message": some.prose,
        "name": others.one(128),
        "url": f"https://h.example/{some.one(400, IN_URLS)}",
    }
    doors.call("post", "feedback/", {**words, "email": f"{uuid4().hex[:5]}.quokkabrandt@numbatling.example"})


def of_releases(doors: Doors, some: Flock) -> None:
    """What is told of commits."""
    commits = [
        {"id": uuid4().hex, "message": one.text, "author": some.one(100), "files": [one.text]} for one in some.members
    ]
    doors.call("post", "releases/", {"project": "WEB", "version": f"rel-{some.label()}", "commits": commits})


def of_admins(doors: Doors, some: Flock) -> None:
    """What is written where things are set up."""
    for path, body, changes in _set_up(some):
        made = doors.call("post", path, body)
        if changes:
            doors.call("patch", f"{path}{made.get('id')}/", changes)
    for _ in some.members[::2]:
        key = doors.call("post", "api-keys/", {"name": some.one(100), "permissions": ["read"]})
        doors.call("post", f"api-keys/{key.get('id')}/revoke/", {"reason": some.one(200)})
    asked = {"format": "json", "project": "WEB", "filters": {"q": _filter(some), "component_name": [some.one(200)]}}
    export = doors.call("post", "exports/", asked)
    doors.call("post", f"exports/{export.get('id')}/cancel/")


def _set_up(some: Flock) -> Iterator[tuple[str, Document, Document]]:
    name, q = f"{uuid4().hex[:6]}: {some.one(90)}", _filter(some)
    yield "views/", {"name": name, "q": f"is:open {q}", "project": "WEB"}, {"q": f"title:{q}"}
    hook = {"project": "WEB", "url": "https://example.com/hook", "event_types": ["bug.*"], "q": q}
    yield "webhooks/", {**hook, "description": some.one(200)}, {"description": some.one(200)}
    match = [{"field": "message", "pattern": some.one(200)} for _ in some.members]
    rule = {"name": name, "match": match, "fingerprint": [some.one(200) for _ in some.members]}
    yield "projects/WEB/grouping-rules/", {**rule, "component": some.one(100)}, {"name": some.one(90)}
    yield "projects/WEB/assignment-rules/", {"component": some.one(100), "path": some.one(200), "assignee": "bob"}, {}
    yield "projects/WEB/escalation-rules/", {"q": q, "severity": "high"}, {"q": f"description:{q}"}
    yield "projects/WEB/privacy/try/", {"text": some.prose}, {}
    yield "privacy/erasures/", {"project": "WEB", "person": some.one(200), "names": [some.one(100)]}, {}
    for _ in some.members:
        yield "connectors/", {"project": "WEB", "kind": "github", "name": some.one(100)}, {}
        who = {"project": "WEB", "reporter": some.one(100), "purpose": "analysis", "is_granted": True}
        yield "consents/", {**who, "source": some.one(100)}, {}


def around(doors: Doors, some: Flock) -> None:
    """What a request carries beside its body, and what is refused."""
    anything = range(200, 500)
    for place, one in enumerate(some.members):
        text = "".join(letter for letter in one.text if letter.isprintable())
        said, path = text.encode().decode("latin-1"), text.replace("?", "%3F").replace("#", "%23")
        heads = {"HTTP_USER_AGENT": said, "HTTP_REFERER": said, "HTTP_X_REQUEST_ID": said, "HTTP_TRACEPARENT": said}
        doors.call("get", "bugs/", {"q": _quoted(text)}, may=anything, HTTP_X_FORWARDED_FOR=said, **heads)
        doors.call("get", "bugs/search/", {"text": text, **({text[:40]: text} if place % 2 else {})}, may=anything)
        if one.is_path and one.is_inline:
            doors.call("get", (f"sessions/{path}/", f"releases/{path}/", f"{path}/x")[place % 3], may=anything)
        doors.call("post", "bugs/", {"project": text, text: text, "severity": text, "title": ""}, may=anything)
        doors.call("post", "bugs/", f'{{"title": "{text}", oops', may=anything, content_type="application/json")
        names = {"username": text, "password": text}
        doors.stranger.post(f"/login/?next={path}", names, format="multipart", **heads)
        doors.stranger.get(API + "bugs/", HTTP_AUTHORIZATION=f"Bearer {said}")


def of_systems(doors: Doors, some: Flock) -> None:
    """What GitHub tells."""
    repository = {"full_name": "acme/shop", "default_branch": "main"}
    push = {"ref": "refs/heads/main", "repository": repository, "commits": [_commit(some) for _ in some.members]}
    _deliver(doors, push)
    _deliver(doors, push | {"ref": f"refs/tags/v1.0-{some.label()}", "head_commit": _commit(some), "commits": []})


def _commit(some: Flock) -> Document:
    author = {"name": some.one(), "email": some.one(), "username": some.one()}
    return {"id": uuid4().hex, "message": some.one(), "author": author, "added": [some.one()]}


def _deliver(doors: Doors, push: Document) -> None:
    body = orjson.dumps(push)
    heads = {
        "HTTP_X_HUB_SIGNATURE_256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
        "HTTP_X_GITHUB_EVENT": "push",
        "HTTP_X_GITHUB_DELIVERY": uuid4().hex,
    }
    path = f"{API}inbound/{doors.connector}/"
    answer = doors.stranger.generic("POST", path, body, content_type="application/json", **heads)
    if answer.status_code != 200:
        doors.refused.append(("post", "inbound/", answer.content))


def _visible(text: str) -> str:
    return uuid4().hex if any(not "!" <= letter <= "~" for letter in text) else text


def _filter(some: Flock) -> str:
    """All that is within a line."""
    return " ".join(_quoted(one.text) for one in some.members if "\n" not in one.text)


def _quoted(text: str) -> str:
    """A text in the filter language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def now() -> str:
    return timezone.now().isoformat()
