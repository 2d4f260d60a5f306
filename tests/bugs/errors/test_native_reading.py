"""What a report says that came over the API: every field as it is meant, what is wrong left out and named."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bugs.ingest.reading import native
from tests.bugs.errors.test_native import REPORT

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(**report):
    return native.read(report, received_at=NOW)


def test_the_specifications_names_are_read():
    found = native.read(REPORT, received_at=NOW)
    assert found.errors == []
    assert (found.occurred_at, found.level, found.message) == (NOW - timedelta(minutes=1), "fatal", "Payment failed")
    assert (found.exception_type, found.exception_value) == ("TypeError", "price is undefined")
    assert [(frame["function"], frame["filename"], frame["lineno"]) for frame in found.frames] == [
        ("pay", "/srv/cart.ts", 3)
    ]
    assert (found.session_id, found.component, found.user) == ("s-1", "checkout", {"id": "ann"})
    assert found.request == {"url": "https://shop.example/pay", "headers": {"User-Agent": "Safari"}}
    assert (found.tags, found.fingerprint, found.system_metrics) == ({"plan": "free"}, ["basket"], {"memoryUsed": 12.5})
    assert found.api_failures == [{"url": "/pay", "method": "POST", "status": 503, "reason": "away"}]
    assert found.user_actions == [{"at": "2026-05-01T11:58:00+00:00", "action": "click", "target": "button#pay"}]
    assert found.auth_errors == [{"type": "expired", "message": "Sign in again", "source": "exception"}]


def test_what_is_not_listed_is_derived_from_breadcrumbs():
    found = read(breadcrumbs=[{"type": "http", "data": {"url": "/me", "status_code": 401}}])
    assert found.api_failures == [{"url": "/me", "status": 401}]
    assert found.auth_errors == [{"url": "/me", "status": 401, "source": "api"}]


def test_a_refused_call_that_is_listed_is_an_auth_error():
    assert read(api_failures=[{"url": "/me", "status": 403}]).auth_errors == [
        {"url": "/me", "status": 403, "source": "api"}
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timestamp", "yesterday"),
        ("level", "loud"),
        ("level", []),
        ("breadcrumbs", "x"),
        ("tags", 5),
        ("userId", []),
        ("contexts", "x"),
        ("component", {"a": 1}),
        ("sessionId", []),
        ("exception", 5),
        ("exception", []),
        ("stack", "no stack at all: it is not"),
        ("stack", 5),
        ("apiFailures", {}),
        ("apiFailures", [5]),
        ("userActions", [{}]),
        ("authErrors", "x"),
        ("systemMetrics", {"cpu": "much"}),
        ("systemMetrics", []),
        ("causes", 5),
        ("nonsense", 1),
    ],
)
def test_what_is_wrong_is_left_out_and_named_as_it_was_sent(name, value):
    found = read(message="x", **{name: value})
    assert (found.errors, found.message) == ([name], "x") if value else ([], "x")


def test_names_of_what_was_left_out_are_bounded():
    found = native.read({f"{number}{'n' * 1_000}": 1 for number in range(1_000)}, received_at=NOW)
    assert len(found.errors) == native.ERRORS_MAX and max(map(len, found.errors)) <= 60


def test_an_id_of_any_kind_names_the_same_event_again():
    key = uuid4()
    assert read(event_id=key.hex).event_id == read(id=str(key)).event_id == key
    assert read(id="err_1").event_id == read(eventId="err_1").event_id != read(id="err_2").event_id
    assert read().event_id != read().event_id


def test_a_text_is_an_exception_too():
    assert read(error="boom").exception_value == "boom"
    found = read(error="ValueError: no price")
    assert (found.exception_type, found.exception_value) == ("ValueError", "no price")


def test_frames_are_taken_as_they_are():
    frames = [{"function": "main", "in_app": True}, {"function": "pay", "lineno": 3}]
    assert [frame["function"] for frame in read(frames=frames).frames] == ["main", "pay"]
    found = read(exception={"type": "E", "value": "x", "frames": frames, "handled": False})
    assert (len(found.frames), found.is_handled) == (2, False)


def test_causes_are_listed_or_nested():
    inner = {"name": "KeyError", "message": "price", "stack": "    at price (/a.js:1:2)"}
    for found in (
        read(exception={"type": "E", "value": "x"}, causes=[inner, {"type": "Deepest"}]),
        read(error={"name": "E", "message": "x", "cause": {**inner, "cause": {"name": "Deepest"}}}),
    ):
        assert (found.exception_type, found.errors) == ("E", [])
        assert [(cause["type"], cause["value"]) for cause in found.causes] == [("KeyError", "price"), ("Deepest", "")]
        assert found.causes[0]["frames"][0]["function"] == "price"
