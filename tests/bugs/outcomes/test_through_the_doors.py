"""From the door to the digest: whatever is sent, received is the sum of what became of it, at every moment."""

from collections import Counter
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugs.ingest.digest import digester
from bugs.ingest.door import senders
from bugs.models import Arrival, IngestKey
from bugs.services import outcomes

URL = "/api/v1/ingest/outcomes/"
FATES = ("accepted", "deduplicated", "invalid", "limited", "filtered", "dropped", "pending")


@pytest.fixture(autouse=True)
def nobody_is_known():
    senders.forget()


@pytest.fixture
def post(client, web, shelf):
    key = IngestKey.objects.create(project=web).public_key
    said = f"Sentry sentry_version=7, sentry_key={key}"

    def send(body):
        url = f"/api/{web.number}/envelope/"
        return client.post(url, body, content_type="text/plain", headers={"X-Sentry-Auth": said}).status_code

    return send


@pytest.fixture
def shelf(settings, tmp_path):
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}


def envelope(number, *items):
    """Of the event with that number."""
    lines = [orjson.dumps({"event_id": UUID(int=number + 1).hex})]
    for kind, payload in items:
        lines += [orjson.dumps({"type": kind, "length": len(payload), "filename": "a.txt"}), payload]
    return b"\n".join(lines)


EVENT = ("event", b'{"exception": [{"type": "E", "value": "bad"}]}')
SAID = ("feedback", b'{"contexts": {"feedback": {"message": "It broke"}}}')
ITEMS = [
    EVENT,
    ("event", b'{"level": "warning", "message": "careful"}'),
    ("event", b"{"),
    SAID,
    ("feedback", b"{}"),
    ("user_report", b'{"comments": "It broke"}'),
    ("user_report", b"5"),
    ("attachment", b"words"),
    ("attachment", b""),
    ("attachment", b"<html>"),
    ("session", b'{"sid": "00000000000000000000000000000001", "status": "ok", "attrs": {"release": "1"}}'),
    ("session", b"5"),
    ("sessions", b'{"aggregates": [{"started": "2026-05-01T12:00:00Z", "exited": 2}], "attrs": {"release": "1"}}'),
    ("sessions", b"[]"),
    ("client_report", b'{"discarded_events": [{"category": "error", "reason": "sample_rate", "quantity": 3}]}'),
    ("client_report", b"x"),
    ("transaction", b"{}"),
    ("cat", b"x"),
]
SENT = st.tuples(st.just("send"), st.integers(0, 2), st.lists(st.sampled_from(ITEMS), max_size=4))
STEPS = st.lists(st.one_of(SENT, st.sampled_from([("digest", 0, []), ("fold", 0, [])])), max_size=8)


def check(reader):
    answer = reader.get(f"{URL}?from=-2h").json()
    for row in answer["totals"]:
        assert row["received"] == sum(row[name] for name in FATES), row
        assert row["pending"] >= 0
    assert answer["waiting_envelopes"] == Arrival.objects.count()
    return {row["category"]: row for row in answer["totals"]}


@pytest.fixture
def reader(api):
    """One who may ask often."""
    return api("carol", rate_limits={"requests_per_minute": 10_000, "requests_per_hour": 10_000})


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_lost_between_the_door_and_the_digest(post, reader, steps):
    sent: Counter[str] = Counter()
    before = check(reader)
    for verb, number, items in steps:
        if verb == "send":
            post(envelope(number, *items))
            sent.update(kind for kind, _ in items)
        elif verb == "digest":
            digester.digest_waiting()
        else:
            outcomes.fold()
        check(reader)
    digester.digest_waiting()
    after = check(reader)
    assert not any(row["pending"] for row in after.values()) and not Arrival.objects.exists()
    received = sum(row["received"] for row in after.values()) - sum(row["received"] for row in before.values())
    assert received == sum(sent.values())


def test_what_the_door_refuses_is_counted_whole(post, api):
    assert post(envelope(1, EVENT, ("event", b"{"), SAID)) == 400
    found = check(api("carol"))
    assert found["error"]["invalid"] == 2 and found["feedback"]["invalid"] == 1
    assert found["error"]["reasons"] == {"invalid": {"json_invalid": 2}}


def test_the_files_of_an_event_come_to_its_bug(post, api):
    post(envelope(1, ("attachment", b"words"), EVENT))
    digester.digest_waiting()
    found = check(api("carol"))
    assert found["attachment"]["accepted"] == found["error"]["accepted"] == 1
