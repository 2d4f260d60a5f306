"""What would this key be answered, and by which rule; and what a credential says of itself."""

from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from apikeys import services
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from audit.models import Event

API = "/api/v1/"
KEYS = f"{API}api-keys/"


@pytest.fixture
def why(api: Any) -> Any:
    client = api("alice")

    def ask(row: ApiKey, **asked: Any) -> Any:
        return client.post(f"{KEYS}{row.pk}/why/", asked)

    return ask


def test_every_rule_is_told_in_order(why: Any, issue: Any) -> None:
    body = why(issue()[0], operation="bugs_list").json()
    assert (body["allowed"], body["rule"], body["operation"]) == (True, None, "bugs_list")
    assert [rule["rule"] for rule in body["rules"]] == [
        *("live", "network", "endpoint", "permission", "ceiling", "project", "role")
    ]
    assert all(rule["passed"] and rule["detail"].endswith(".") for rule in body["rules"])


@pytest.mark.parametrize(
    ("bounds", "asked", "rule"),
    [
        ({}, {"operation": "bugs_destroy"}, None),
        ({"endpoints": ["bugs_list"]}, {"operation": "bugs_destroy"}, "endpoint"),
        ({"permissions": ("read",)}, {"operation": "bugs_destroy"}, "permission"),
        ({"role": "viewer"}, {"operation": "bugs_destroy"}, "ceiling"),
        ({"ip_whitelist": ["10.0.0.0/8"]}, {"operation": "bugs_list", "ip": "192.0.2.7"}, "network"),
        ({"ip_whitelist": ["10.0.0.0/8"]}, {"operation": "bugs_list", "ip": "::ffff:10.1.1.1"}, None),
        ({"ip_whitelist": ["10.0.0.0/8"]}, {"operation": "bugs_list"}, None),
        ({}, {"method": "DELETE", "path": "/api/v1/bugs/WEB-1/", "project": "OWN"}, "role"),
        ({}, {"method": "DELETE", "path": "/api/v1/bugs/WEB-1/", "project": "WEB"}, None),
        ({"role": "admin", "endpoints": ["stream_*"]}, {"operation": "stream_connect"}, None),
        ({"endpoints": ["bugs_*"]}, {"operation": "stream_connect"}, "endpoint"),
    ],
)
def test_the_rule_that_decides_is_named(
    why: Any, issue: Any, own: Any, bounds: Any, asked: Any, rule: str | None
) -> None:
    answer = why(issue(**bounds)[0], **asked)
    assert (answer.status_code, answer.json()["rule"], answer.json()["allowed"]) == (200, rule, rule is None), (
        answer.json()
    )


def test_a_project_that_the_key_is_not_for_decides(why: Any, issue: Any, web: Any, own: Any) -> None:
    body = why(issue(project_ids=[web.pk])[0], operation="bugs_list", project="OWN").json()
    assert (body["rule"], body["detail"]) == ("project", "The key is not for this project.")


def test_what_has_ended_is_told(why: Any, issue: Any) -> None:
    revoked, expired = issue()[0], issue()[0]
    services.revoke(revoked.pk, by=SYSTEM)
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    for row, detail in ((revoked, "The key is revoked."), (expired, "The key is expired.")):
        body = why(row, operation="bugs_list").json()
        assert (body["allowed"], body["rule"], body["detail"]) == (False, "live", detail)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "invalid"),
        ({"operation": "bugs_list", "method": "GET", "path": "/api/v1/bugs/"}, "invalid"),
        ({"method": "GET"}, "invalid"),
        ({"operation": "bug_list"}, "unknown_operation"),
        ({"method": "GET", "path": "/nowhere/"}, "unknown_operation"),
        ({"operation": "bugs_list", "project": "NONE"}, "unknown_project"),
        ({"operation": "bugs_list", "ip": "somewhere"}, "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(why: Any, issue: Any, asked: Any, code: str) -> None:
    answer = why(issue()[0], **asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_asking_changes_nothing(why: Any, issue: Any) -> None:
    row, _ = issue()
    before = Event.objects.count(), ApiKey.objects.filter(pk=row.pk).values().get()
    why(row, operation="bugs_destroy")
    assert (Event.objects.count(), ApiKey.objects.filter(pk=row.pk).values().get()) == before


CALLS = {
    "bugs_list": ("get", "bugs/", None),
    "bugs_create": ("post", "bugs/", {"project": "WEB", "title": "x"}),
    "bugs_destroy": ("delete", "bugs/WEB-1/", None),
    "projects_partial_update": ("patch", "projects/WEB/", {"name": "x"}),
    "audit_events_list": ("get", "audit/events/", None),
    "exports_list": ("get", "exports/", None),
}


@pytest.mark.parametrize("name", ["alice", "bob", "carol"])
@pytest.mark.parametrize("role", ["", "viewer", "admin"])
def test_the_answer_is_what_really_happens(api: Any, issue: Any, bug: Any, name: str, role: str) -> None:
    """role of the owner x role of the key x permissions x endpoints x call."""
    asker = api(name, permissions=("admin",))
    for permissions, endpoints in product([("read",), ("read", "write", "admin")], [(), ("bugs_*", "exports_*")]):
        row, secret = issue(name, permissions=permissions, role=role, endpoints=endpoints)
        client = api(key=secret)
        for operation, (method, path, body) in CALLS.items():
            asked = {"method": method.upper(), "path": f"{API}{path}", "project": "WEB"}
            said = asker.post(f"{KEYS}{row.pk}/why/", asked).json()
            assert said["operation"] == operation
            status = getattr(client, method)(f"{API}{path}?dry_run=true" if body else f"{API}{path}", body).status_code
            assert said["allowed"] == (status not in (401, 403)), (operation, permissions, endpoints, said, status)
            if method == "delete" and status == 204:
                bug.refresh_from_db()
                type(bug).objects.filter(pk=bug.pk).update(deleted_at=None)


def test_a_key_says_all_of_itself(api: Any, issue: Any, web: Any, own: Any) -> None:
    row, secret = issue(
        role="triager",
        permissions=("read", "write"),
        endpoints=["bugs_*", "api_keys_who"],
        ip_whitelist=["127.0.0.1"],
        lifetime_days=5,
    )
    body = api(key=secret).get(f"{KEYS}self/").json()
    assert (body["valid"], body["actor"], body["id"]) == (True, f"key:{row.pk}", str(row.pk))
    assert (body["owner"]["username"], body["role"], body["permissions"]) == ("alice", "triager", ["read", "write"])
    assert body["endpoints"] == ["bugs_*", "api_keys_who"] and body["ip_whitelist"] == ["127.0.0.1/32"]
    assert set(body["rate_limits"]) == {"requests_per_minute", "requests_per_hour", "requests_per_day"}
    assert [(one["key"], one["roles"]) for one in body["projects"]] == [("OWN", ["viewer"]), ("WEB", ["admin"])]
    may = {one["key"]: one["may"] for one in body["projects"]}
    assert "bug.edit" in may["WEB"] and "bug.edit" not in may["OWN"] and "bug.delete" not in may["WEB"]
    assert body["project_count"] == 2 and body["warnings"][0]["code"] == "expires_soon"


def test_a_rotated_key_says_so(api: Any, issue: Any) -> None:
    row, secret = issue()
    services.rotate(row.pk, by=SYSTEM)
    assert api(key=secret).get(f"{KEYS}self/").json()["warnings"][0]["code"] == "replaced"


def test_a_person_is_told_of_themselves(people_of_web: Any) -> None:
    from rest_framework.test import APIClient

    browser = APIClient()
    browser.force_login(people_of_web["carol"])
    body = browser.get(f"{KEYS}self/").json()
    assert (body["actor"], body["id"], body["role"], body["warnings"]) == (f"user:{body['owner']['id']}", None, "", [])
