"""Facts as clients see them."""

from typing import Any

import orjson
import pytest

from streaming import presenters

BUG = "01920000-0000-7000-8000-000000000001"
DOCUMENT = {
    "id": BUG,
    "reference": "WEB-1",
    "project": "WEB",
    "title": "Blank",
    "status": "closed",
    "severity": "low",
    "tags": {},
}


def fact(kind: str = "bug.status_changed", **data: Any) -> dict[str, Any]:
    base = {"bug_id": BUG, "status": "triaged", "changes": {"status": {"from": "new", "to": "triaged"}}}
    return {
        "id": "e1",
        "type": kind,
        "subject": f"bug:{BUG}",
        "project_id": "p",
        "occurred_at": "2026-01-01T00:00:00+00:00",
        "data": {**base, **data},
    }


@pytest.mark.parametrize(
    ("kind", "event_type"), [*presenters.EVENT_TYPES.items(), ("export.completed", "export_completed")]
)
def test_event_types(kind: str, event_type: str) -> None:
    assert orjson.loads(presenters.event(fact(kind), None, form="json"))["event_type"] == event_type


def test_three_sizes() -> None:
    sizes = {
        form: orjson.loads(presenters.event(fact(), DOCUMENT, form=form)) for form in ("compact", "json", "detailed")
    }
    assert set(sizes["json"]) == {"event_id", "timestamp", "event_type", "bug_id", "changes", "metadata"}
    assert "bug" not in sizes["compact"]["metadata"]
    assert set(sizes["json"]["metadata"]["bug"]) == set(presenters.SUMMARY)
    assert sizes["detailed"]["metadata"]["bug"] == DOCUMENT


def test_a_deleted_bug_is_not_shown() -> None:
    assert "bug" not in orjson.loads(presenters.event(fact("bug.deleted"), DOCUMENT, form="detailed"))["metadata"]


def test_what_is_shown_is_as_of_the_event() -> None:
    assert presenters.after(fact(), DOCUMENT)["status"] == "triaged"


def test_a_message_is_one_json_object() -> None:
    body = presenters.event(fact(), None, form="compact")
    message = orjson.loads(presenters.message('s"1', "mark.5", body))
    assert (message["op"], message["sub"], message["resume"]) == ("event", 's"1', "mark.5")
    assert message["event"]["bug_id"] == BUG
