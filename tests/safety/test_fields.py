"""Fields that are not a caller's to set are refused by name, at every operation that takes a body."""

from functools import cache
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bugs.models import Bug, ErrorReport, Project
from tests.bugs.safety import doors
from tests.bugs.safety.test_isolation import _body
from tests.safety.test_methods import _names

pytestmark = pytest.mark.usefixtures("quiet")
API = "/api/v1/"
# What rows have and callers might wish for. An operation's own fields are left out of what is sent to it.
WISHES: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000000", "pk": 1, "project": "OWN", "project_id": "x", "owner": "alice",
    "owner_id": 1, "user": "alice", "user_id": 1, "created_by": "system", "actor": "system", "by": "system",
    "reporter": "alice", "reporter_id": 1, "assignee_id": 1, "number": 1, "reference": "WEB-9", "version": 99,
    "state": "ready", "status": "closed", "epoch": 9, "attempts": 0, "lease_until": None, "leased_until": None,
    "role": "admin", "roles": ["admin"], "ceiling": "", "permissions": ["pii"], "endpoints": ["*"], "is_staff": True,
    "is_superuser": True, "is_active": True, "secret": "x" * 20, "digest": "x", "hint": "x", "pepper_version": 0,
    "originals": {}, "redaction_version": 0, "is_internal": False, "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "2020-01-01T00:00:00Z", "deleted_at": None, "expires_at": None, "revoked_at": None, "size": 1,
    "error_count": 7, "merged_into": "WEB-2", "file": "/etc/passwd", "sha256": "x", "content_type": "text/html",
    "__class__": "x", "__proto__": {"admin": True}, "constructor": {"prototype": {}}, "_state": {}, "DROP": "x",
}  # fmt: skip
# Reports of programs may say anything: what is unknown stays in their payload, and becomes no column.
LENIENT = {"errors_create"}
# Files come as multipart bodies, GitHub's deliveries are signed: each has its own test.
OTHER = {"bug_attachments_create", "inbound_receive"}


@cache
def known() -> dict[str, set[str]]:
    """Operation -> the fields that its description names."""
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator().get_schema(request=None, public=True)
    shapes = document["components"]["schemas"]
    found = {}
    for item in document["paths"].values():
        for operation in item.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            shape = shapes.get(content.get("$ref", "").rpartition("/")[2], content)
            found[operation["operationId"]] = set(shape.get("properties", {}))
    return found


WRITING = [door for door in doors.operations() if door.method in ("post", "put", "patch")]


def test_every_operation_with_a_body_is_in_the_table(db: None) -> None:
    assert len([door for door in WRITING if known().get(door.operation)]) > 30


def test_no_operation_takes_a_field_that_it_does_not_name(api: Any, everything: dict[str, str]) -> None:
    client, wrong = api("alice"), {}
    for door in WRITING:
        wished = {name: value for name, value in WISHES.items() if name not in known().get(door.operation, set())}
        if door.operation in LENIENT | OTHER or not known().get(door.operation):
            continue
        body = {**(_body(door.basename, door.action) or {}), **wished}
        answer = getattr(client, door.method)(door.address(**_names(door, everything)), body)
        errors = answer.json().get("errors", [])
        named = {error["pointer"].lstrip("/") for error in errors if error["code"] == "unknown_field"}
        if answer.status_code != 400 or named != set(wished):
            wrong[door.operation] = (answer.status_code, sorted(set(wished) - named)[:5])
    assert not wrong


def test_operations_without_fields_change_nothing_that_a_body_names(api: Any, everything: dict[str, str]) -> None:
    client, wrong = api("alice"), {}
    for door in WRITING:
        if known().get(door.operation) or door.operation in LENIENT | OTHER:
            continue
        answer = getattr(client, door.method)(door.address(**_names(door, everything)), WISHES)
        if answer.status_code >= 500:
            wrong[door.operation] = answer.status_code
    assert not wrong and not Bug.objects.filter(error_count=7).exists()


@pytest.mark.parametrize("nested", [["bugs/bulk/", "set"], ["api-keys/", "rate_limits"], ["bugs/", "custom"]])
def test_what_is_nested_is_as_strict(api: Any, everything: dict[str, str], nested: list[str]) -> None:
    path, name = nested
    body = {"ids": ["WEB-1"], "name": "x", "permissions": ["read"], "project": "WEB", "title": "x"}
    wanted = {"bugs/bulk/": {"ids"}, "api-keys/": {"name", "permissions"}, "bugs/": {"project", "title"}}[path]
    sent = {key: body[key] for key in wanted} | {name: {"is_superuser": True, "version": 9}}
    answer = api("alice").post(API + path, sent)
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"].startswith(f"/{name}")


def test_a_report_says_nothing_of_its_row(api: Any, everything: dict[str, str], own: Any) -> None:
    known_ids = set(ErrorReport.objects.values_list("pk", flat=True))
    sent = {
        "message": "bad",
        **{name: value for name, value in WISHES.items() if name not in ("id", "project", "user")},
    }
    answer = api("alice").post(f"{API}errors/?project=WEB", sent)
    assert answer.status_code == 201
    report = ErrorReport.objects.exclude(pk__in=known_ids).get()
    assert report.project_id == Project.objects.get(key="WEB").pk and str(report.pk) != WISHES["id"]
    bug = Bug.objects.latest("created_at")
    assert (bug.version, bug.status, bug.merged_into_id, bug.error_count) == (1, "new", None, 1)


def test_a_file_comes_alone(api: Any, bug: Any) -> None:
    client, told = api("bob"), {}
    for name in [name for name in WISHES if name != "file"]:
        file = SimpleUploadedFile("notes.txt", b"words", content_type="text/plain")
        answer = client.post(f"{API}bugs/{bug.pk}/attachments/", {"file": file, name: "x"}, format="multipart")
        told[name] = (answer.status_code, answer.json().get("code"))
    assert {*told.values()} == {(400, "unknown_field")}, told


def test_parameters_are_as_strict_as_fields(api: Any, everything: dict[str, str]) -> None:
    client, wrong = api("carol"), []
    for door in doors.operations():
        if door.requires and not door.groups and door.method == "get":
            for parameter in ("id", "project_id", "role", "permissions", "is_staff", "owner", "as", "sudo"):
                status = client.get(door.address(), {parameter: "1"}).status_code
                wrong += [(door.operation, parameter, status)] if status not in (400, 403) else []
    assert not wrong
