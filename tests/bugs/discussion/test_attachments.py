"""Files beside a bug: what is taken, what is refused, what is kept."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from bugs.models import Attachment, Bug
from bugs.services import attachments
from tests.bugs.discussion.conftest import PNG

Api = Callable[..., Any]


def stored(shelf: Path) -> list[Path]:
    return [path for path in shelf.rglob("*") if path.is_file()]


def refused(answer: Any, status: int, code: str, shelf: Path) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert not Attachment.objects.exists()
    assert stored(shelf) == []


def test_a_file_is_kept_with_its_digest_and_type(attach: Any, shelf: Path, bug: Any, api: Api) -> None:
    answer = attach()
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["name"], body["content_type"], body["size"]) == ("shot.png", "image/png", len(PNG))
    assert body["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert [path.read_bytes() for path in stored(shelf)] == [PNG]
    assert api("carol").get(answer["Location"]).json() == body
    assert api("carol").get(f"/api/v1/bugs/{bug.pk}/attachments/").json()["results"] == [body]


def test_a_file_is_counted_and_recorded_without_its_name(attach: Any, bug: Any) -> None:
    attach()
    assert Bug.objects.get(pk=bug.pk).attachment_count == 1
    data = Event.objects.get(type="bug.attachment_added").data
    assert (data["content_type"], data["size"]) == ("image/png", len(PNG))
    assert "shot" not in str(data)


@pytest.mark.parametrize(
    ("content", "name", "declared"),
    [
        (b"just text", "shot.png", "image/png"),
        (PNG, "shot.pdf", "image/png"),
        (PNG, "shot.png", "application/pdf"),
        (PNG, "shot.svg", ""),
        (b"hello", "evil.html", "text/plain"),
        (b"hello", "evil.txt", "text/html"),
    ],
)
def test_a_file_that_lies_about_its_type_is_refused(
    attach: Any, shelf: Path, content: bytes, name: str, declared: str
) -> None:
    refused(attach(content, name, declared), 415, "type_mismatch", shelf)


@pytest.mark.parametrize("name", ["image.svg", "image.png", "log.txt", "image"])
@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'\xef\xbb\xbf  \n<?xml version="1.0"?><svg/>',
        b"<!DOCTYPE html><script>alert(1)</script>",
        '<svg onload="alert(1)"/>'.encode("utf-16"),
    ],
)
def test_svg_and_other_markup_is_refused(attach: Any, shelf: Path, content: bytes, name: str) -> None:
    refused(attach(content, name, "image/svg+xml"), 415, "unsupported_file", shelf)


def test_programs_are_refused(attach: Any, shelf: Path) -> None:
    refused(attach(b"MZ\x90\x00\x03\x00\x00\x00", "a.txt", "text/plain"), 415, "unsupported_file", shelf)


def test_a_file_of_no_bytes_is_refused(attach: Any, shelf: Path) -> None:
    refused(attach(b""), 400, "file_empty", shelf)


def test_a_file_at_the_limit_is_taken_and_one_over_is_not(attach: Any, shelf: Path, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100
    refused(attach(b"x" * 101, "a.log", "text/plain"), 413, "file_too_large", shelf)
    assert attach(b"x" * 100, "a.log", "text/plain").status_code == 201


def test_an_announced_length_is_refused_before_a_byte_is_read(
    api: Api, bug: Any, shelf: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10
    from django.core.handlers.wsgi import LimitedStream

    monkeypatch.setattr(LimitedStream, "read", lambda *_: pytest.fail("it was read"))
    file = SimpleUploadedFile("a.log", b"x" * 100_000)
    answer = api("bob").post(f"/api/v1/bugs/{bug.pk}/attachments/", {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


def test_a_bug_has_so_many_files_and_no_more(attach: Any, bug: Any, shelf: Path) -> None:
    Bug.objects.filter(pk=bug.pk).update(attachment_count=attachments.MAX_FILES - 1)
    assert attach().status_code == 201
    answer = attach()
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_attachments")
    assert len(stored(shelf)) == 1


def test_a_name_keeps_no_path_and_no_tricks(attach: Any) -> None:
    assert attach(name="../../x\u202egnp.png").json()["name"] == "xgnp.png"


@pytest.mark.parametrize("parts", [{}, {"file": "just a text"}, {"file": [1, 2]}])
def test_a_call_without_one_file_is_refused(api: Api, bug: Any, shelf: Path, parts: dict[str, Any]) -> None:
    if isinstance(parts.get("file"), list):
        parts = {"file": [SimpleUploadedFile("a.log", b"x"), SimpleUploadedFile("b.log", b"x")]}
    answer = api("bob").post(f"/api/v1/bugs/{bug.pk}/attachments/", parts, format="multipart")
    refused(answer, 400, "file_missing", shelf)


def test_another_part_is_refused_by_name(api: Api, bug: Any, shelf: Path) -> None:
    parts = {"file": SimpleUploadedFile("a.log", b"x"), "note": "hello"}
    answer = api("bob").post(f"/api/v1/bugs/{bug.pk}/attachments/", parts, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/note")


def test_json_is_no_way_to_send_a_file(api: Api, bug: Any) -> None:
    answer = api("bob").post(f"/api/v1/bugs/{bug.pk}/attachments/", {"file": "x"}, format="json")
    assert answer.status_code == 415


def test_a_broken_multipart_body_is_refused(api: Api, bug: Any, shelf: Path) -> None:
    answer = api("bob").generic(
        "POST", f"/api/v1/bugs/{bug.pk}/attachments/", b"nonsense", content_type="multipart/form-data"
    )
    assert answer.status_code == 400


def test_viewers_and_outsiders_attach_nothing(attach: Any, shelf: Path) -> None:
    assert attach(by="carol").status_code == 403
    assert attach(by="mallory").status_code in (403, 404)
    assert stored(shelf) == []


def test_a_rehearsal_keeps_no_file(attach: Any, shelf: Path) -> None:
    answer = attach(query="?dry_run=true")
    assert answer["Dry-Run"] == "true"
    assert not Attachment.objects.exists()
    assert stored(shelf) == []


def test_the_file_goes_when_the_call_fails_in_the_end(
    attach: Any, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("audit.access.record", fail)
    answer = attach()
    assert answer.status_code == 500
    assert not Attachment.objects.exists()
    assert stored(shelf) == []


def test_the_file_goes_when_its_row_cannot_be_written(
    attach: Any, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("bugs.events.attachment_added", fail)
    assert attach().status_code == 500
    assert stored(shelf) == []


def test_a_deleted_file_is_gone_with_its_bytes(
    attach: Any, api: Api, bug: Any, shelf: Path, django_capture_on_commit_callbacks: Any
) -> None:
    place = attach()["Location"]
    assert api("carol").delete(place).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        assert api("bob").delete(place).status_code == 204
    assert stored(shelf) == []
    assert api("bob").get(place).status_code == 404
    assert api("bob").get(f"/api/v1/bugs/{bug.pk}/attachments/").json()["results"] == []
    assert Bug.objects.get(pk=bug.pk).attachment_count == 0


def test_files_of_a_deleted_bug_are_not_to_be_found(attach: Any, api: Api, bug: Any) -> None:
    place = attach()["Location"]
    api("alice").delete(f"/api/v1/bugs/{bug.pk}/")
    assert api("alice").get(place).status_code == 404
