"""GitHub tells of commits and tags: only what it signed, each delivery once, as a release's own commits."""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import pytest

from audit.models import AccessRecord, Event
from bugs.models import CodeChange, Release
from integrations.inbound import receiving
from integrations.inbound import views as doors
from integrations.models import Connector, Received
from integrations.vendors import github
from integrations.vendors.facts import Pushed, Tagged

API = "/api/v1/"
SECRET = "a secret that GitHub has too"


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}


@pytest.fixture
def connector(api: Any, web: Any) -> dict[str, Any]:
    body = {"project": "WEB", "kind": "github", "name": "shop", "secret": SECRET}
    made: dict[str, Any] = api("alice").post(f"{API}connectors/", body).json()
    return made


@pytest.fixture
def send(api: Any, connector: dict[str, Any]) -> Any:
    """A delivery, signed unless a signature is given."""

    def post(document: Any, event: str = "push", **more: Any) -> Any:
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        headers = {
            "HTTP_X_GITHUB_EVENT": event,
            "HTTP_X_GITHUB_DELIVERY": str(uuid4()),
            "HTTP_X_HUB_SIGNATURE_256": signature(body),
            "content_type": "application/json",
            **more,
        }
        return api().generic("POST", f"{API}inbound/{connector['id']}/", body, **headers)

    return post


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def commit(name: str, **more: Any) -> dict[str, Any]:
    author = {"name": "Ann Ott", "email": "ann@example.org", "username": "ann"}
    return {
        "id": name,
        "message": f"Change {name}",
        "timestamp": "2026-01-02T03:04:05+01:00",
        "author": author,
        "added": ["shop/new.py"],
        "removed": ["shop/old.py"],
        "modified": ["shop/pay.py"],
        **more,
    }


def push(*names: str, ref: str = "refs/heads/main", **more: Any) -> dict[str, Any]:
    commits = [commit(name) for name in names]
    repository = {"full_name": "acme/shop", "default_branch": "main"}
    return {"ref": ref, "deleted": False, "repository": repository, "commits": commits, **more}


def tag(name: str, head: str, **more: Any) -> dict[str, Any]:
    return push(ref=f"refs/tags/{name}", head_commit=commit(head), after="e" * 40, **more)


def result(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    found: str = answer.json()["result"]
    return found


def test_pushed_commits_are_kept(send: Any, web: Any) -> None:
    assert result(send(push("a1", "b2"))) == "stored"
    first = CodeChange.objects.get(commit="a1")
    assert (first.project, first.release, first.message, first.author) == (web, None, "Change a1", "ann")
    assert first.files == ["shop/new.py", "shop/pay.py", "shop/old.py"]
    assert first.committed_at is not None and first.committed_at.isoformat() == "2026-01-02T02:04:05+00:00"


def test_a_tag_that_is_a_version_is_a_release_of_what_was_pushed(send: Any, connector: dict[str, Any]) -> None:
    send(push("a1", "b2", "c3"))
    assert result(send(tag("v1.2.0", "b2"))) == "stored"
    release = Release.objects.get()
    assert (release.version, release.commit) == ("1.2.0", "b2")
    assert set(release.changes.values_list("commit", flat=True)) == {"a1", "b2"}
    created = Event.objects.get(type="release.created")
    assert (created.actor, created.data["commits"]) == (f"connector:{connector['id']}", 2)


def test_a_tag_may_come_before_its_commits(send: Any) -> None:
    send(tag("v1.2.0", "b2"))
    send(push("a1", "b2", "c3"))
    assert set(Release.objects.get().changes.values_list("commit", flat=True)) == {"a1", "b2"}


def test_a_tag_names_its_release_as_the_connector_says(api: Any, send: Any, connector: dict[str, Any]) -> None:
    options = {"release_name": "shop@{version}+{tag}"}
    changed = api("alice").patch(f"{API}connectors/{connector['id']}/", {"options": options})
    assert changed.json()["options"] == options
    send(tag("v1.2.0", "b2"))
    assert Release.objects.get().version == "shop@1.2.0+v1.2.0"


@pytest.mark.parametrize(
    ("document", "event"),
    [
        ({"zen": "Keep it logically awesome.", "hook_id": 1}, "ping"),
        (push("a1"), "issues"),
        (push("a1"), ""),
        (push("a1", ref="refs/heads/other"), "push"),
        (push(ref="refs/heads/main", deleted=True), "push"),
        (tag("nightly", "a1"), "push"),
        (tag("v1.0", "a1", deleted=True), "push"),
        ([], "push"),
        ({"ref": "refs/heads/"}, "push"),
        (None, "push"),
    ],
)
def test_what_is_nothing_to_us_is_ignored(send: Any, document: Any, event: str) -> None:
    assert result(send(document, event)) == "ignored"
    assert not CodeChange.objects.exists() and not Release.objects.exists()


def test_a_delivery_that_comes_again_is_done_once(send: Any) -> None:
    delivery = {"HTTP_X_GITHUB_DELIVERY": "d-1"}
    assert [result(send(push("a1"), **delivery)) for _ in range(2)] == ["stored", "repeated"]
    assert Received.objects.count() == 1


def test_the_same_commits_in_another_delivery_are_there_once(send: Any) -> None:
    for _ in range(2):
        assert result(send(push("a1"))) == "stored"
    assert CodeChange.objects.count() == 1


def test_deliveries_are_remembered_for_a_while(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send(push("a1"), HTTP_X_GITHUB_DELIVERY="d-1")
    monkeypatch.setattr(receiving, "REMEMBERED", -receiving.REMEMBERED)
    assert result(send(push("a1"), HTTP_X_GITHUB_DELIVERY="d-1")) == "stored"


@pytest.mark.parametrize(
    "signed",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        signature(b"other bytes"),
        signature(b"{}", "guess"),
        "é",
    ],
)
def test_a_wrong_signature_is_answered_like_a_connector_that_is_not_there(api: Any, send: Any, signed: str) -> None:
    wrong = send(b"{}", HTTP_X_HUB_SIGNATURE_256=signed)
    missing = api().post(f"{API}inbound/{uuid4()}/", {}, HTTP_X_HUB_SIGNATURE_256=signature(b"{}"))
    assert wrong.status_code == missing.status_code == 404
    assert wrong.json() | {"request_id": ""} == missing.json() | {"request_id": ""}


def test_the_signature_is_over_the_bytes_as_they_came(send: Any) -> None:
    body = orjson.dumps(push("a1"), option=orjson.OPT_INDENT_2)
    assert result(send(body)) == "stored"
    assert send(body + b" ", HTTP_X_HUB_SIGNATURE_256=signature(body)).status_code == 404


def test_a_connector_that_is_switched_off_takes_nothing(api: Any, send: Any, connector: dict[str, Any]) -> None:
    api("alice").patch(f"{API}connectors/{connector['id']}/", {"is_active": False})
    assert send(push("a1")).status_code == 404


def test_a_secret_that_cannot_be_read_any_more_opens_nothing(send: Any) -> None:
    Connector.objects.update(secret=b"x" * 40)
    assert send(push("a1")).status_code == 404


def test_another_secret_takes_the_place_of_the_first(api: Any, send: Any, connector: dict[str, Any]) -> None:
    other = "another secret of some length"
    answer = api("alice").patch(f"{API}connectors/{connector['id']}/", {"secret": other})
    assert "secret" not in answer.json()
    body = orjson.dumps(push("a1"))
    assert send(body).status_code == 404
    assert result(send(body, HTTP_X_HUB_SIGNATURE_256=signature(body, other))) == "stored"
    updated = Event.objects.get(type="connector.updated")
    assert updated.data["fields"] == ["secret"] and other not in str(updated.data)


def test_a_form_carries_the_same(send: Any) -> None:
    body = urlencode({"payload": orjson.dumps(push("a1"))}).encode()
    assert result(send(body, content_type="application/x-www-form-urlencoded")) == "stored"
    assert CodeChange.objects.get().commit == "a1"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"payload=%7B", b'{"ref":'])
def test_signed_bytes_that_are_no_json_are_refused_and_may_come_again(send: Any, body: bytes) -> None:
    answer = send(body, HTTP_X_GITHUB_DELIVERY="d-1")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert not Received.objects.exists()


def test_a_delivery_that_is_too_large_is_refused_unread(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "BODY_MAX", 100)
    assert send(b"x" * 100).status_code == 400
    assert send(b"x" * 101).json()["code"] == "body_too_large"


def test_an_idempotency_key_is_of_the_connector(send: Any) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "k", "HTTP_X_GITHUB_DELIVERY": "d-1"}
    assert [result(send(push("a1"), **key)) for _ in range(2)] == ["stored", "stored"]
    assert send(push("a1"), HTTP_X_HUB_SIGNATURE_256="", **key).status_code == 404


def test_every_delivery_is_written_down_with_who_sent_it(send: Any, connector: dict[str, Any]) -> None:
    send(push("a1"))
    send(push("a1"), HTTP_X_HUB_SIGNATURE_256="")
    written = AccessRecord.objects.filter(operation="inbound_receive").order_by("occurred_at")
    assert [(row.actor, row.status) for row in written] == [(f"connector:{connector['id']}", 200), ("anonymous", 404)]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_nothing_but_a_post_is_possible(api: Any, connector: dict[str, Any], method: str) -> None:
    assert getattr(api(), method)(f"{API}inbound/{connector['id']}/").status_code == 405


def test_a_rehearsal_is_not_possible(api: Any, connector: dict[str, Any]) -> None:
    body, url = b"{}", f"{API}inbound/{connector['id']}/?dry_run=true"
    answer = api().generic("POST", url, body, "application/json", HTTP_X_HUB_SIGNATURE_256=signature(body))
    assert answer.status_code == 400


def test_wild_values_are_left_out() -> None:
    wild = commit("a1", author="ann", added=[1, None, "x/y.py"], modified="z", timestamp="now", message={"a": 1})
    headers = {"X-GitHub-Event": "push"}
    document = push("b2") | {"commits": [wild, 7, {"id": ""}, {}]}
    match github.read(orjson.dumps(document), headers, github.OPTIONS):
        case Pushed([only]):
            assert (only.id, only.author, only.message, only.committed_at) == ("a1", "", "", None)
            assert only.files == ("x/y.py", "shop/old.py")
        case other:
            pytest.fail(str(other))


def test_an_annotated_tag_means_its_commit() -> None:
    told = github.read(orjson.dumps(tag("v1.0", "A1B2")), {"X-GitHub-Event": "push"}, github.OPTIONS)
    assert told == Tagged("1.0", "a1b2")


def test_a_connector_is_removed_and_what_it_told_stays(api: Any, send: Any, connector: dict[str, Any]) -> None:
    send(push("a1"))
    assert api("alice").delete(f"{API}connectors/{connector['id']}/").status_code == 204
    assert send(push("b2")).status_code == 404
    assert CodeChange.objects.get().commit == "a1"
    told = Event.objects.filter(subject=f"connector:{connector['id']}").order_by("seq")
    assert [event.type for event in told] == ["connector.created", "connector.deleted"]
