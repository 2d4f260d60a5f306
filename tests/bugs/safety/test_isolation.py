"""What is foreign answers exactly like what is missing: every route below /api/v1/, found in the URL configuration."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

BODIES: dict[str, dict[str, Any]] = {
    "assign": {"assignee": None},
    "move": {"to": "triaged"},
    "merge": {"into": "OWN-1"},
    "link": {},
    "comments.create": {"body": "x"},
    "comments.partial_update": {"body": "x"},
    "links.create": {"to": "OWN-1", "kind": "relates"},
    "bugs.partial_update": {"title": "x"},
    "views.partial_update": {"name": "x"},
    "projects.partial_update": {"name": "x"},
    "members.create": {"username": "carol", "role": "admin"},
    "members.partial_update": {"role": "admin"},
    "group_roles.create": {"name": "Triage", "role": "admin"},
    "group_roles.partial_update": {"role": "admin"},
    "error_groups.merge": {"into": str(UUID(int=0))},
    "grouping_rules.create": {"name": "x", "match": [{"field": "level", "pattern": "x"}]},
    "grouping_rules.partial_update": {"name": "x"},
    "assignment_rules.create": {"assignee": "bob"},
    "assignment_rules.partial_update": {"component": "x"},
    "escalation_rules.create": {"q": "is:open", "severity": "high"},
    "escalation_rules.partial_update": {"q": "is:open"},
    "releases.partial_update": {"released_at": None},
    "connectors.partial_update": {"name": "x"},
    "webhook.partial_update": {"description": "x"},
}
ELSEWHERE = {"webhook-delivery"}  # tested beside their subject: their rows are made by a dispatcher


def _below(patterns: Any, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            found += _below(each.url_patterns, path)
        elif path.startswith("api/v1/") and each.pattern.regex.groupindex:
            found.append((path, each))
    return found


ROUTES = sorted(
    {
        (
            str(route.name),
            tuple(route.pattern.regex.groupindex),
            method,
            action,
            str(route.callback.initkwargs["basename"]),
        )
        for _, route in _below(get_resolver().url_patterns)
        for method, action in route.callback.actions.items()
        if method != "head"
    }
)


def _singles() -> list[tuple[str, str, str, str]]:
    """Routes without a name: their path after the bug, method, action, basename."""
    return [
        (path.rpartition(")/")[2].strip("/$"), method, action, route.callback.initkwargs["basename"])
        for path, route in _below(get_resolver().url_patterns)
        if not route.name
        for method, action in route.callback.actions.items()
        if method != "head"
    ]


def _body(basename: str, action: str) -> dict[str, Any] | None:
    return BODIES.get(f"{basename}.{action}", BODIES.get(action, {}))


def _said(client: Any, method: str, url: str, body: Any) -> tuple[Any, ...]:
    more = {}
    if url.endswith("/attachments/") and method == "post":
        body, more = {"file": SimpleUploadedFile("notes.txt", b"words", "text/plain")}, {"format": "multipart"}
    response = getattr(client, method)(url, None if method == "get" else body, **more)
    document = response.json()
    assert document.pop("request_id")
    headers = {
        name: value
        for name, value in response.headers.items()
        if not name.startswith(("X-Request", "RateLimit", "X-RateLimit"))
    }
    return response.status_code, document, {name: headers[name] for name in headers if name != "Content-Length"}


@pytest.fixture
def mallory(world: Any, own: Any, api: Any) -> Any:
    client = api("mallory")
    assert client.post("/api/v1/bugs/", {"project": "OWN", "title": "Mine"}).status_code == 201
    return client


def _missing(group: str) -> str:
    return {"key": "NONE", "username": "nobody"}.get(group) or str(uuid4())


def test_every_route_with_a_name_in_its_path_tells_mallory_nothing(mallory: Any, world: dict[str, str]) -> None:
    told = []
    for name, groups, method, action, basename in ROUTES:
        if basename in ELSEWHERE or name == "None":
            continue
        row = {
            "key": "WEB",
            "username": "bob",
            "bug": world["bug"],
            "pk": world.get(basename.replace("webhook", "webhooks")),
        }
        foreign = {group: row[group] for group in groups}
        assert None not in foreign.values(), f"no row for {name}: add one to `world`"
        missing = {group: _missing(group) for group in groups}
        pairs = [(foreign, missing)]
        if "bug" in groups and len(groups) > 1:
            pairs.append((foreign | {"bug": "OWN-1"}, missing | {"bug": "OWN-1"}))
        if "key" in groups and len(groups) > 1:
            pairs.append((foreign | {"key": "OWN"}, missing | {"key": "OWN"}))
        for there, nowhere in pairs:
            body = _body(basename, action)
            one = _said(mallory, method, reverse(name, kwargs=there), body)
            other = _said(mallory, method, reverse(name, kwargs=nowhere), body)
            if one != other or one[0] not in (403, 404):
                told.append((method, name, there, one, other))
    assert not told, told


def test_every_route_without_a_name_tells_mallory_nothing(mallory: Any, world: dict[str, str]) -> None:
    told = []
    for path, method, action, basename in _singles():
        body = _body(basename, action)
        one, other = (_said(mallory, method, f"/api/v1/bugs/{bug}/{path}/", body) for bug in (world["bug"], uuid4()))
        if one != other or one[0] != 404:
            told.append((method, path, one, other))
    assert not told and _singles()


@pytest.mark.parametrize("name", ["WEB-1", "NONE-1", "WEB-999"])
def test_references_tell_no_more_than_ids(mallory: Any, world: dict[str, str], name: str) -> None:
    for path, method, action, basename in _singles():
        body = _body(basename, action)
        assert _said(mallory, method, f"/api/v1/bugs/{name}/{path}/", body) == _said(
            mallory, method, f"/api/v1/bugs/{uuid4()}/{path}/", body
        )


@pytest.mark.parametrize(
    ("url", "body", "field"),
    [
        ("/api/v1/bugs/OWN-1/links/", {"kind": "relates"}, "to"),
        ("/api/v1/bugs/OWN-1/merge/", {}, "into"),
    ],
)
def test_a_bug_named_in_a_body_is_as_unknown_as_a_missing_one(
    mallory: Any, world: dict[str, str], url: str, body: dict[str, Any], field: str
) -> None:
    one, other = (_said(mallory, "post", url, {**body, field: name}) for name in (world["bug"], str(uuid4())))
    assert one == other and one[0] == 400


def test_bulk_changes_tell_no_more_of_a_foreign_bug(mallory: Any, world: dict[str, str]) -> None:
    names = [world["bug"], "WEB-1", str(uuid4()), "NONE-1"]
    answer = mallory.post("/api/v1/bugs/bulk/", {"ids": names, "set": {"severity": "low"}}).json()
    assert [result.pop("id") for result in answer["results"]] == names
    assert all(result == answer["results"][0] for result in answer["results"]) and answer["refused"] == 4


@pytest.mark.parametrize(
    "url",
    [
        "bugs/?project=WEB",
        "bugs/?q=project:WEB",
        "bugs/search/?text=Checkout",
        "bugs/search/?project=WEB",
        "errors/?project=WEB",
        "error-groups/?project=WEB",
        "error-patterns/?project=WEB",
        "releases/?project=WEB",
        "sessions/?project=WEB",
        "feedback/?project=WEB",
    ],
)
def test_lists_are_as_empty_for_a_foreign_project_as_for_none(mallory: Any, world: dict[str, str], url: str) -> None:
    one, other = (mallory.get(f"/api/v1/{each}").json() for each in (url, url.replace("WEB", "NONE")))
    assert one == other and one["results"] == []


def test_a_foreign_project_takes_as_little_as_a_missing_one(mallory: Any, world: dict[str, str]) -> None:
    for url, body in (("errors/", {"message": "x"}), ("feedback/", {"message": "x"})):
        one, other = (
            _said(mallory, "post", f"/api/v1/{url}", {**body, "project": project}) for project in ("WEB", "NONE")
        )
        assert one == other and one[0] == 400
    batch = [{"message": "x", "project": project} for project in ("WEB", "NONE")]
    one, other = mallory.post("/api/v1/errors/", batch).json()["results"]
    assert one == other
    figures = [mallory.get(f"/api/v1/ingest/outcomes/?project={project}") for project in ("WEB", "NONE")]
    assert [answer.json()["code"] for answer in figures] == ["unknown_project"] * 2
