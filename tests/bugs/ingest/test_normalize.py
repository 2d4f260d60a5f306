"""The shapes that SDKs really send, and what becomes of fields that are wrong."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs.ingest.reading import normalize as normalizing
from bugs.ingest.reading import stacktrace

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def report(**event):
    return normalizing.normalize(event, received_at=NOW)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"logentry": {"formatted": "no 5", "message": "no %s"}}, "no 5"),
        ({"logentry": {"message": "no %s of %s", "params": [5, "x"]}}, "no 5 of x"),
        ({"logentry": {"message": "no %s"}}, "no %s"),
        ({"message": "plain"}, "plain"),
        ({"message": {"formatted": "object"}}, "object"),
        ({"message": ["nonsense"]}, ""),
        ({"message": "x" * 5000}, "x" * 1000),
    ],
)
def test_messages(event, message):
    assert report(**event).message == message


@pytest.mark.parametrize(
    "exception",
    [
        {"values": [{"type": "Inner"}, {"type": "ValueError", "value": "bad"}]},
        [{"type": "Inner"}, {"type": "ValueError", "value": "bad"}],
        {"type": "ValueError", "value": "bad"},
    ],
)
def test_the_last_exception_is_the_one(exception):
    found = report(exception=exception)
    assert (found.exception_type, found.exception_value) == ("ValueError", "bad")
    assert found.is_handled


def test_an_exception_that_nobody_handled():
    assert not report(exception=[{"type": "E", "mechanism": {"handled": False}}]).is_handled


@pytest.mark.parametrize("breadcrumbs", [{"values": [{"message": "a"}]}, [{"message": "a"}]])
def test_breadcrumbs_of_both_shapes(breadcrumbs):
    assert report(breadcrumbs=breadcrumbs).breadcrumbs == [{"message": "a"}]


def test_the_newest_hundred_breadcrumbs_are_kept():
    crumbs = [{"message": str(n)} for n in range(normalizing.BREADCRUMBS_MAX + 1)]
    kept = report(breadcrumbs=crumbs).breadcrumbs
    assert (len(kept), kept[0]["message"]) == (100, "1")


@pytest.mark.parametrize(
    "tags",
    [{"a": 1, "b": True, "c": None}, [["a", 1], ["b", True], ["x"]], [{"key": "a", "value": 1}, ["b", True]]],
)
def test_tags_of_every_shape_become_texts(tags):
    assert report(tags=tags).tags == {"a": "1", "b": "true"}


def test_a_hundred_tags_and_no_more():
    assert len(report(tags={str(n): "x" for n in range(101)}).tags) == 100


@pytest.mark.parametrize(
    ("timestamp", "occurred_at"),
    [
        ("2026-05-01T11:00:00Z", NOW - timedelta(hours=1)),
        ("2026-05-01T13:00:00+02:00", NOW - timedelta(hours=1)),
        ("2026-05-01T11:00:00", NOW - timedelta(hours=1)),
        (NOW.timestamp() - 3600, NOW - timedelta(hours=1)),
        (str(NOW.timestamp() - 3600), NOW - timedelta(hours=1)),
        ((NOW - timedelta(days=30)).isoformat(), NOW - timedelta(days=30)),
        ((NOW - timedelta(days=30, seconds=1)).isoformat(), NOW),
        ((NOW + timedelta(days=1, seconds=1)).isoformat(), NOW),
        ("yesterday", NOW),
        (1e300, NOW),
        (True, NOW),
        ({}, NOW),
    ],
)
def test_when_it_happened(timestamp, occurred_at):
    found = report(timestamp=timestamp)
    assert found.occurred_at == occurred_at
    assert (found.errors == []) == (occurred_at != NOW or not timestamp)


def test_a_wrong_clock_is_corrected_by_when_it_was_sent():
    event = {"timestamp": (NOW - timedelta(hours=25)).isoformat()}
    sent_at = (NOW - timedelta(hours=24)).isoformat()
    found = normalizing.normalize(event, received_at=NOW, sent_at=sent_at)
    assert found.occurred_at == NOW - timedelta(hours=1)


def test_headers_of_php_are_lists_and_cookies_apart_are_left_out():
    sent = {"headers": {"Accept": ["a", "b"], "Cookie": "x"}, "url": "/", "cookies": "x"}
    assert report(request=sent).request == {"url": "/", "headers": {"Accept": "a, b", "Cookie": "x"}}


def test_the_senders_address_is_filled_in_when_asked_for():
    event = {"user": {"id": 5, "ip_address": "{{auto}}"}}
    found = normalizing.normalize(event, received_at=NOW, peer="10.0.0.1")
    assert found.user == {"id": "5", "ip_address": "10.0.0.1"}
    assert report(**event).user["ip_address"] == ""


def test_the_envelopes_id_wins():
    given_id = UUID("9ec79c33ec9942ab8353589fcb2e04dc")
    event = {"event_id": "0" * 32}
    assert normalizing.normalize(event, received_at=NOW, event_id=given_id).event_id == given_id
    assert report(**event).event_id == UUID(int=0)


def frame(function, in_app):
    return {"function": function, "in_app": in_app, "lineno": 5, "module": "shop"}


def test_of_a_long_trace_the_programs_own_frames_stay_in_order():
    frames = [frame("own1", True), *[frame(f"lib{n}", False) for n in range(300)], frame("own2", True)]
    kept = report(exception=[{"type": "E", "stacktrace": {"frames": frames}}]).frames
    assert len(kept) == stacktrace.FRAMES_MAX
    assert [f["function"] for f in (kept[0], kept[1], kept[-1])] == ["own1", "lib102", "own2"]


@pytest.mark.parametrize("where", ["stacktrace", "threads"])
def test_frames_beside_the_exception(where):
    trace = {"stacktrace": {"frames": [frame("f", True)]}}
    event = trace if where == "stacktrace" else {"threads": {"values": [{}, {**trace, "crashed": True}]}}
    assert report(**event).frames[0]["function"] == "f"


@pytest.mark.parametrize(
    ("event", "component"),
    [
        ({"tags": {"component": "cart"}, "transaction": "/pay"}, "cart"),
        ({"transaction": "/pay"}, "/pay"),
        ({"exception": [{"stacktrace": {"frames": [frame("f", True), {"module": "lib"}]}}]}, "shop"),
        ({}, ""),
    ],
)
def test_the_component(event, component):
    assert report(**event).component == component


def test_a_wrong_field_is_dropped_and_named():
    found = report(level="loud", user=[1], contexts="x", message="kept", tags=5, release={}, exception=5)
    assert found.message == "kept"
    assert (found.level, found.user, found.contexts, found.tags) == ("error", {}, {}, {})
    assert found.errors == ["level", "tags", "user", "contexts", "exception"]
    assert found.as_payload()["meta"]["errors"] == found.errors


words = st.sampled_from(["values", "frames", "stacktrace", "type", "headers", "params"])
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | words, inner),
    max_leaves=20,
)
names = st.sampled_from(
    [*normalizing._READERS, "exception", "logentry", "message", "timestamp", "threads", "stacktrace"]
)


@given(st.dictionaries(names, json), json)
def test_no_event_is_refused(event, sent_at):
    found = normalizing.normalize(event, received_at=NOW, sent_at=sent_at)
    orjson.dumps(found.as_payload())
