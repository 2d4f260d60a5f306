"""One project's flood is refused at the door, with what its SDKs need to know; the others notice nothing."""

import pytest
import redis

from bugs.ingest.door import limits, senders
from bugs.models import Arrival, IngestKey, OutcomeDelta, Project, RefusedEvent
from tests.bugs.ingest.test_views import ID, envelope, send

pytestmark = pytest.mark.usefixtures("valkey")


@pytest.fixture
def limited(project):
    Project.objects.update(events_per_minute=2)


def statuses(client, key, count, **more):
    return [send(client, envelope(), key, **more).status_code for _ in range(count)]


def test_a_minute_has_so_many_events(client, key, limited):
    assert statuses(client, key, 4) == [200, 200, 429, 429]
    assert Arrival.objects.count() == 2


def test_sdks_are_told_what_to_hold_back_and_for_how_long(client, key, limited):
    statuses(client, key, 2)
    response = send(client, envelope(event_id=ID), key)
    seconds = int(response["Retry-After"])
    assert 0 < seconds <= 60
    assert response["X-Sentry-Rate-Limits"].startswith(f"{seconds}:error;attachment:project:over_rate, 86400:")
    assert response.json()["code"] == "over_rate"
    found = RefusedEvent.objects.get()
    assert (found.event_id.hex, found.outcome, found.reason) == (ID, "limited", "over_rate")


def test_what_was_refused_is_counted(client, key, limited):
    statuses(client, key, 5)
    rows = OutcomeDelta.objects.values_list("category", "outcome", "reason", "quantity")
    assert sorted(rows) == [("error", "limited", "over_rate", 1)] * 3 + [("error", "received", "", 1)] * 5


def test_sessions_do_not_count_as_events(client, key, limited):
    statuses(client, key, 2)
    assert send(client, b'{}\n{"type":"session"}\n{}\n', key).status_code == 200


def test_other_projects_go_on(client, key, limited):
    other = Project.objects.create(number=8, key="APP", name="App")
    theirs = IngestKey.objects.create(project=other).public_key
    statuses(client, key, 3)
    assert statuses(client, theirs, 3, number=8) == [200] * 3


def test_too_much_that_waits_is_refused_as_well(client, key, settings):
    settings.INGEST_BACKLOG_MAX = 2
    assert statuses(client, key, 2) == [200, 200]
    senders.forget()
    response = send(client, envelope(), key)
    assert (response.status_code, response.json()["code"]) == (429, "over_backlog")


def test_too_many_bytes_that_wait_are_refused_as_well(client, key, settings):
    settings.INGEST_BACKLOG_BYTES = 50
    assert statuses(client, key, 1) == [200]
    senders.forget()
    response = send(client, envelope(), key)
    assert (response.status_code, response["X-Sentry-Rate-Limits"][:29]) == (429, "30::project:over_backlog, 864")


def test_without_redis_the_process_counts_by_itself(client, key, limited, monkeypatch):
    class Away:
        def pipeline(self, **more):
            raise redis.ConnectionError

    monkeypatch.setattr(limits, "_client", Away())
    monkeypatch.setattr(limits, "_redis_rests_until", 0.0)
    monkeypatch.setattr(limits, "_local", {})
    assert statuses(client, key, 4) == [200, 200, 429, 429]
