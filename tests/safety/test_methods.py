"""Methods: what a request is decides its method and nothing else; what is no method does nothing."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from audit.models import AccessRecord
from bugs.models import Bug, Comment
from tests.bugs.safety import doors

pytestmark = pytest.mark.usefixtures("quiet")
API = "/api/v1/"
OVERRIDES = (
    *("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Method", "X-Original-Method", "_method"),
    *("X-Http-Verb", "X-Action", "X-Rewrite-Method", "Method", "X-Requested-Method", "HTTP-Method-Override"),
)
UNKNOWN = (
    *("TRACE", "CONNECT", "PROPFIND", "MOVE", "COPY", "LOCK", "PURGE", "DEBUG", "TRACK", "LINK", "QUERY", "FOO"),
    *("get ", "GET/", "DELETE\t", "ＧＥＴ", "DÉLETE", "*", "G", "DELETEDELETE", "X" * 5_000, "-", "1"),
)
OURS = ("dispatch", "checked", "list")
PLACES = ("", "admin/", "login/", "healthz", "api/v1/bugs/", "api/v1/nothing/", "api/v1/schema/", "api/1/envelope/")


@pytest.mark.parametrize("header", OVERRIDES)
def test_no_header_makes_reading_into_writing(api: Any, bug: Any, header: str) -> None:
    client = api("alice")
    for method in ("DELETE", "PATCH", "PUT", "POST"):
        assert client.get(f"{API}bugs/{bug.pk}/", headers={header: method}).status_code == 200
    assert Bug.objects.get().version == bug.version
    assert AccessRecord.objects.filter(operation="bugs_retrieve", method="GET", status=200).count() == 4


@pytest.mark.parametrize("header", OVERRIDES)
def test_no_header_makes_writing_into_another_writing(api: Any, bug: Any, header: str) -> None:
    answer = api("alice").post(f"{API}bugs/{bug.pk}/comments/", {"body": "Stays."}, headers={header: "DELETE"})
    assert answer.status_code == 201 and Comment.objects.get().body == "Stays."
    assert AccessRecord.objects.get(method="POST").operation == "comments_create"


@pytest.mark.parametrize("name", ["_method", "_METHOD", "method", "X-HTTP-Method-Override", "http_method"])
def test_no_parameter_and_no_field_is_a_method(api: Any, bug: Any, name: str) -> None:
    client, at = api("alice"), f"{API}bugs/{bug.pk}/"
    refused = [
        client.get(f"{at}?{urlencode({name: 'DELETE'})}"),
        client.post(f"{at}comments/?{urlencode({name: 'DELETE'})}", {"body": "x"}),
        client.post(f"{at}comments/", {"body": "x", name: "DELETE"}),
        client.patch(at, {"title": "x", name: "DELETE"}),
    ]
    assert [answer.status_code for answer in refused] == [400] * 4
    assert Bug.objects.get().title == bug.title and not Comment.objects.exists()


def test_what_is_no_method_does_nothing_at_any_operation(api: Any, everything: dict[str, str], bug: Any) -> None:
    client, told = api("alice"), set()
    before = (Bug.objects.count(), Comment.objects.count(), Bug.objects.get(pk=bug.pk).version)
    paths = {door.path: door for door in doors.operations()}
    for place, method in enumerate(UNKNOWN):
        for door in list(paths.values())[place % 6 :: 6]:
            told.add(client.generic(method, door.address(**_names(door, everything))).status_code)
    assert told <= {404, 405}
    assert before == (Bug.objects.count(), Comment.objects.count(), Bug.objects.get(pk=bug.pk).version)


@pytest.mark.parametrize("who", ["carol", None])
def test_no_method_is_called_like_what_a_view_can_do(api: Any, everything: dict[str, str], who: str | None) -> None:
    """MOVE, RAW, LIST, DESTROY: methods of Python are none of HTTP."""
    client, told = api(who) if who else api(), {}
    before = Bug.objects.filter(deleted_at=None).count()
    for door in {door.path: door for door in doors.operations()}.values():
        for name in {*door.route.callback.cls.requires, *OURS}:  # type: ignore[attr-defined]
            status = client.generic(name.upper(), door.address(**_names(door, everything))).status_code
            if status != 405:
                told[name, door.path] = status
    assert told == {} and Bug.objects.filter(deleted_at=None).count() == before


@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_method_breaks_no_page(client: Any, db: None, place: str) -> None:
    client.raise_request_exception = False
    told = {method: client.generic(method, f"/{place}").status_code for method in UNKNOWN}
    assert max(told.values()) < 500
    assert {*told.values()} <= {401, 405} or not place.startswith(("api/v1/bugs", "api/1"))


@pytest.mark.parametrize("method", ["get", "Get", "delete", "Delete", "pAtCh"])
def test_a_method_in_other_letters_is_that_method(api: Any, bug: Any, method: str) -> None:
    """Servers and Django write it in capitals, so rights and records are of what is really done."""
    answer = api("carol").generic(method, f"{API}bugs/{bug.pk}/", "{}", content_type="application/json")
    assert answer.status_code == (200 if method.lower() == "get" else 403)
    assert AccessRecord.objects.get().method == method.upper()


def test_every_operation_refuses_the_methods_that_it_does_not_have(api: Any, everything: dict[str, str]) -> None:
    client, wrong = api("alice"), []
    has: dict[str, set[str]] = {}
    for door in doors.operations():
        has.setdefault(door.path, set()).add(door.method)
    for path, methods in has.items():
        door = next(one for one in doors.operations() if one.path == path)
        for method in {"get", "post", "put", "patch", "delete"} - methods:
            answer = getattr(client, method)(door.address(**_names(door, everything)), {})
            if answer.status_code != 405 or "Allow" not in answer:
                wrong.append((method, path, answer.status_code))
    assert not wrong


def _names(door: doors.Door, world: dict[str, str]) -> dict[str, str]:
    row = world.get(door.basename.replace("webhook", "webhooks")) or str(UUID(int=0))
    fixed = {"key": "WEB", "username": "bob", "bug": world["bug"]}
    return {group: fixed.get(group, row) for group in door.groups}
