"""Foreign and missing rows cost the same statements: as many, of the same shapes, so neither is told by its time."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apikeys import authentication
from bugs.selectors import privacy
from tests.bugs.safety import doors
from tests.bugs.safety.test_isolation import _body

pytestmark = pytest.mark.usefixtures("quiet")
_VALUES = re.compile(
    r"'(?:[^']|'')*'(?:::[\w\[\]]+)?|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b\d+(?:\.\d+)?\b|\bNULL\b|\b(?:true|false)\b", re.I
)
_LISTS = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)|ARRAY\[[?,\s]*\]")


def shapes(client: Any, door: doors.Door, names: dict[str, str]) -> tuple[int, list[str]]:
    """The status, and the statements without their values."""
    with CaptureQueriesContext(connection) as caught:
        body = None if door.method == "get" else _body(door.basename, door.action)
        answer = getattr(client, door.method)(door.address(**names), body)
    found = [_LISTS.sub("(?)", _VALUES.sub("?", one["sql"])) for one in caught.captured_queries]
    return answer.status_code, [re.sub(r'"?s\d+_x\d+"?|\w*_cursor_\w+', "?", one) for one in found]


def missing(group: str) -> str:
    return {"key": "NONE", "username": "nobody"}.get(group) or str(uuid4())


@pytest.fixture
def mallory(api: Any, everything: dict[str, str], own: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a process knows for a second, it knows for the whole test."""
    monkeypatch.setattr(authentication, "KNOWN_SECONDS", 3_600.0)
    monkeypatch.setattr(privacy, "KEPT", 3_600.0)
    client = api("mallory", permissions=("read", "write", "export", "admin", "pii"))
    assert client.post("/api/v1/bugs/", {"project": "OWN", "title": "Mine"}).status_code == 201
    return client


def test_every_operation_on_a_foreign_row_costs_what_a_missing_one_costs(
    mallory: Any, everything: dict[str, str]
) -> None:
    wrong = {}
    for door in doors.operations():
        if not door.groups or not door.requires:
            continue
        row = everything.get(door.basename.replace("webhook", "webhooks")) or str(uuid4())
        known = {"key": "WEB", "username": "bob", "bug": everything["bug"], "pk": row}
        foreign = {group: known[group] for group in door.groups}
        nowhere = {group: missing(group) for group in door.groups}
        shapes(mallory, door, nowhere)
        one, other = shapes(mallory, door, foreign), shapes(mallory, door, nowhere)
        if one != other:
            wrong[door.operation, door.method] = (one, other)
    assert wrong == {}


@pytest.mark.parametrize("name", ["WEB-1", "WEB-999", "NONE-1"])
def test_references_cost_what_ids_cost(mallory: Any, name: str) -> None:
    """To those who see nothing: a reference of theirs, one beyond it and one of no project."""
    told = set()
    for path in ("", "comments/", "timeline/", "errors/", "history/"):
        with CaptureQueriesContext(connection) as caught:
            assert mallory.get(f"/api/v1/bugs/{name}/{path}").status_code == 404
        told.add((path, len(caught.captured_queries)))
    with CaptureQueriesContext(connection) as caught:
        mallory.get(f"/api/v1/bugs/{uuid4()}/")
    assert {count for _, count in told} == {len(caught.captured_queries)}
