"""The doors: what callers send and get."""

import base64
import hashlib
from uuid import uuid4

import orjson
import pytest
from rest_framework.test import APIRequestFactory, force_authenticate

from audit.actors import Principal
from bugs.models import Project
from exports import runner
from exports.formats import Format
from exports.views import ExportViewSet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("exports.urls")]
ACTIONS = {"create": "post", "cancel": "post"}


@pytest.fixture
def call(alice, monkeypatch):
    monkeypatch.setattr(ExportViewSet, "throttle_classes", [])

    def call(action, body=None, *, pk=None, by=alice, **headers):
        method = ACTIONS.get(action, "get")
        request = getattr(APIRequestFactory(), method)("/exports/", body, headers=headers)
        force_authenticate(request, user=by, token="test")
        view = ExportViewSet.as_view({method: action}, basename="exports", detail=pk is not None)
        response = view(request, **({"pk": str(pk)} if pk else {}))
        return response.render() if hasattr(response, "render") else response

    return call


def read(response):
    return orjson.loads(response.content)


@pytest.fixture
def ready(request_export, bugs):
    export = request_export(Format.CSV)
    runner.run_due()
    export.refresh_from_db()
    return export


def test_a_request_is_accepted_and_found_again(call, web):
    response = call("create", {"resource": "bugs", "format": "csv", "project": "WEB", "fields": ["title", "id"]})
    export = read(response)
    assert response.status_code == 202
    assert response["Location"].endswith(f"/exports/{export['id']}/")
    assert (export["state"], export["fields"], export["project_ids"]) == (
        "queued",
        ["id", "title"],
        [str(web.pk)],
    )
    assert read(call("retrieve", pk=export["id"])) == export
    assert [row["id"] for row in read(call("list"))["results"]] == [export["id"]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/format"),
        ({"format": "pdf"}, "/format"),
        ({"format": "csv", "colour": "red"}, "/colour"),
        ({"format": "csv", "project": "NOPE"}, "/project"),
        ({"format": "csv", "filters": {"nope": 1}}, "/filters/nope"),
        ({"format": "csv", "filters": {"severity": "purple"}}, "/filters/severity"),
        ({"format": "csv", "filters": {"severity": {"a": 1}}}, "/filters/severity"),
        ({"format": "csv", "filters": [1]}, "/filters"),
        ({"format": "csv", "fields": ["password"]}, "/fields/0"),
        ({"format": "csv", "resource": "keys"}, "/resource"),
    ],
)
def test_a_wrong_request_names_what_is_wrong(call, web, body, pointer):
    response = call("create", body)
    assert response.status_code == 400
    assert read(response)["errors"][0]["pointer"] == pointer


def test_too_many(call, web):
    statuses = [call("create", {"format": "csv"}).status_code for _ in range(4)]
    assert statuses == [202, 202, 202, 409]


def test_not_ready_yet(call, request_export):
    export = request_export()
    for action in ("download", "manifest"):
        response = call(action, pk=export.pk)
        assert (response.status_code, read(response)["code"]) == (409, "export_not_ready")


def test_foreign_and_missing_look_the_same(call, ready):
    other = Project.objects.create(key="APP", name="App", number=2)
    mallory = Principal(label="user:99", roles={other.pk: frozenset({"admin"})})
    for action in ("retrieve", "download", "manifest", "cancel"):
        assert call(action, pk=ready.pk, by=mallory).status_code == 404
        assert call(action, pk=uuid4()).status_code == 404
        assert call(action, pk="-" * 36).status_code == 404


def test_a_download_proves_itself(call, ready):
    response = call("download", pk=ready.pk, accept="text/csv")
    body = b"".join(response.streaming_content)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["Content-Digest"] == response["Repr-Digest"] == f"sha-256=:{digest}:"
    assert int(response["Content-Length"]) == len(body) == ready.size
    assert read(call("manifest", pk=ready.pk))["sha256"] == hashlib.sha256(body).hexdigest()


def test_a_download_goes_on_where_it_broke(call, ready):
    whole = b"".join(call("download", pk=ready.pk).streaming_content)
    response = call("download", pk=ready.pk, range="bytes=10-19")
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes 10-19/{ready.size}"
    assert b"".join(response.streaming_content) == whole[10:20]


def test_another_file_is_sent_whole(call, ready):
    response = call("download", pk=ready.pk, range="bytes=10-19", **{"if-range": '"other"'})
    assert response.status_code == 200
    response.close()


def test_outside_of_the_file(call, ready):
    response = call("download", pk=ready.pk, range=f"bytes={ready.size}-")
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{ready.size}")


def test_progress_when_ready(call, ready):
    export = read(call("retrieve", pk=ready.pk))
    assert export["progress"] == {"done": 7, "total": 7, "percent": 100, "eta_seconds": None}
    assert export["download"].endswith(f"/exports/{ready.pk}/download/")


def test_cancel_once(call, request_export):
    export = request_export()
    assert read(call("cancel", pk=export.pk))["state"] == "cancelled"
    assert call("cancel", pk=export.pk).status_code == 409
