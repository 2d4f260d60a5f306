"""Through the door: keys, refusals, CORS, chunked bodies, and an SDK that knows nothing of us."""

import gzip
import io
from uuid import UUID

import orjson
import pytest
import sentry_sdk
from django.db import OperationalError

from bugs.ingest.digest import digester
from bugs.ingest.door import acceptance
from bugs.ingest.wire.envelope import JSON_MAX
from bugs.models import Arrival, Bug, ErrorReport, IngestKey, Project

ID = "9ec79c33ec9942ab8353589fcb2e04dc"
EVENT = {"event_id": ID, "exception": [{"type": "ValueError", "value": "bad"}]}


def envelope(event=EVENT, **headers):
    return orjson.dumps(headers) + b'\n{"type":"event"}\n' + orjson.dumps(event) + b"\n"


def auth(key):
    return f"Sentry sentry_version=7, sentry_key={key}, sentry_client=x/1"


def send(client, body, key="", *, number=7, door="envelope", query="", **headers):
    if key:
        headers["X-Sentry-Auth"] = auth(key)
    content_type = headers.pop("content_type", "text/plain")
    return client.post(f"/api/{number}/{door}/{query}", body, content_type=content_type, headers=headers)


def test_an_error_is_stored(client, key):
    response = send(client, envelope(event_id=ID), key)
    assert (response.status_code, response.json()) == (200, {"id": ID})
    assert response["X-Sentry-Rate-Limits"].startswith("86400:transaction;")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "X-Sentry-Rate-Limits" in response["Access-Control-Expose-Headers"]
    digester.digest_waiting()
    assert ErrorReport.objects.get().event_id == UUID(ID)
    assert not Arrival.objects.exists()


def test_the_old_door(client, key):
    assert send(client, orjson.dumps(EVENT), key, door="store").json() == {"id": ID}
    digester.digest_waiting()
    assert Bug.objects.get().title == "ValueError: bad"


def test_a_second_time_is_answered_the_same(client, key):
    for _ in range(2):
        assert send(client, envelope(event_id=ID), key).json() == {"id": ID}
    digester.digest_waiting()
    assert ErrorReport.objects.count() == 1


def test_an_envelope_without_errors_is_fine(client, key):
    response = send(client, b'{}\n{"type":"session"}\n{}\n', key)
    assert (response.status_code, response.json()) == (200, {})


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_the_content_type_makes_no_difference(client, key, content_type):
    assert send(client, envelope(), key, content_type=content_type).status_code == 200


def test_the_key_in_the_query_in_authorization_or_in_the_dsn(client, key):
    dashed = str(UUID(key))
    assert send(client, envelope(), query=f"?sentry_key={key}&sentry_version=7").status_code == 200
    assert send(client, envelope(), query=f"?sentry_key={dashed}").status_code == 200
    assert send(client, envelope(), Authorization=auth(key)).status_code == 200
    assert send(client, envelope(dsn=f"https://{key}@host/7")).status_code == 200


def test_every_wrong_key_gets_the_same_answer(client, key):
    other = Project.objects.create(number=8, key="APP", name="App")
    foreign = IngestKey.objects.create(project=other).public_key
    revoked = IngestKey.objects.create(project=other, is_active=False).public_key
    answers = [
        send(client, envelope()),
        send(client, envelope(), "0" * 32),
        send(client, envelope(), "\x00'"),
        send(client, envelope(), foreign),
        send(client, envelope(), key, number=999999999999999),
        send(client, envelope(), revoked, number=8),
        send(client, envelope(), key, query=f"?sentry_key={foreign}"),
        send(client, envelope(dsn=f"https://{foreign}@host/7"), key),
        send(client, envelope(dsn="https://[@")),
        send(client, orjson.dumps(EVENT), "0" * 32, door="store"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "ingest_key_invalid"
    assert answers[0]["Content-Type"] == "application/problem+json"
    assert not Arrival.objects.exists()


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 400, "envelope_malformed"),
        (b"hello", {}, 400, "envelope_malformed"),
        (envelope(), {"Content-Encoding": "gzip"}, 400, "envelope_malformed"),
        (envelope(), {"Content-Encoding": "lzma"}, 400, "envelope_malformed"),
        (b'{}\n{"type":"event"}\nhello', {}, 400, "json_invalid"),
        (b'{}\n{"type":"event"}\n[]', {}, 400, "json_invalid"),
        (envelope({"extra": "x" * JSON_MAX}), {}, 413, "body_too_large"),
        (b"x" * 2_000_001, {}, 413, "body_too_large"),
        (gzip.compress(bytes(2_000_001)), {"Content-Encoding": "gzip"}, 413, "body_too_large"),
    ],
)
def test_refusals(client, key, settings, body, headers, status, code):
    settings.INGEST_MAX_BODY = 2_000_000
    response = send(client, body, key, **headers)
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert set(problem) == {"type", "title", "status", "code", "detail", "request_id"}
    assert response["X-Sentry-Error"] == problem["detail"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_browsers_ask_first(client, quiet):
    response = client.options("/api/7/envelope/")
    assert response.status_code == 204
    assert "X-Sentry-Auth" in response["Access-Control-Allow-Headers"]
    assert client.get("/api/7/envelope/").status_code == 405


def test_a_chunked_body_is_read_to_its_end(client, key, settings):
    body = envelope(event_id=ID)
    chunked = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    sent = {"path": "/api/7/envelope/", "headers": {"X-Sentry-Auth": auth(key)}}
    assert client.post(**sent, **chunked).json() == {"id": ID}
    settings.INGEST_MAX_BODY = len(body) - 1
    assert client.post(**sent, **chunked | {"wsgi.input": io.BytesIO(body)}).status_code == 413


def test_without_the_database_sdks_are_told_to_wait(client, key, monkeypatch):
    def away(entries):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(acceptance, "write", away)
    response = send(client, envelope(), key)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response["Retry-After"]


def test_an_unmodified_sdk(live_server, committed, key):
    """sentry-sdk with its own transport, which compresses with brotli here."""
    dsn = live_server.url.replace("://", f"://{key}@") + "/7"
    sentry = sentry_sdk.Client(dsn=dsn, release="shop@1.0", environment="prod", default_integrations=False)
    with sentry_sdk.new_scope() as scope:
        scope.set_client(sentry)
        scope.set_tag("component", "checkout")
        scope.add_attachment(bytes=b"two\nlines\n", filename="log.txt")
        sentry_sdk.add_breadcrumb(message="pressed pay")
        try:
            raise ValueError("card 42 refused")
        except ValueError as error:
            event_id = sentry_sdk.capture_exception(error)
    connections = sentry.transport._pool
    sentry.close(timeout=10)
    connections.clear()  # the live server's thread ends with its connection
    digester.digest_waiting()
    report = ErrorReport.objects.get()
    assert report.event_id.hex == event_id
    bug = Bug.objects.get()
    assert (bug.title, bug.component, bug.release) == ("ValueError: card 42 refused", "checkout", "shop@1.0")
