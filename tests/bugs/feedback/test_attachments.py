"""Files that SDKs send stand beside the bug of their event, each once, as far as there is room."""

from uuid import uuid4

import pytest

from bugs.ingest.digest import attachments, feedback
from bugs.models import Attachment, Bug, Feedback
from bugs.services import attachments as services
from tests.bugs.feedback.conftest import item, said


def file(event_id, content=b"words", filename="notes.txt", **headers):
    return item("attachment", content, event_id=event_id, filename=filename, **headers)


def keep(project, *items):
    return [tuple(fate) for fate in attachments.keep(project.pk, items)]


def stored(shelf):
    return sum(path.is_file() for path in shelf.rglob("*"))


def test_a_file_stands_beside_the_bug_of_its_event(web, crash, shelf):
    event = crash()
    assert keep(web, file(event, content_type="text/plain", attachment_type="event.attachment")) == [("accepted", "")]
    (row,) = Attachment.objects.all()
    assert (row.name, row.content_type, row.size, row.actor) == ("notes.txt", "text/plain", 5, "system")
    assert (row.bug, row.bug.attachment_count, stored(shelf)) == (Bug.objects.get(), 1, 1)


def test_a_file_of_feedback_stands_beside_its_bug(web, crash, shelf):
    key = uuid4()
    feedback.keep(web.pk, [said(key=key, about=crash())])
    assert keep(web, file(key)) == [("accepted", "")]
    assert Attachment.objects.get().bug == Feedback.objects.get().bug


def test_files_of_several_events_go_to_their_own_bugs(web, crash, shelf):
    one, other = crash("A"), crash("B")
    assert keep(web, file(other), file(one), file(other, b"more", "more.txt")) == [("accepted", "")] * 3
    counts = dict(Bug.objects.values_list("title", "attachment_count"))
    assert counts == {"A: bad": 1, "B: bad": 2}


def test_the_same_file_again_is_no_second_one(web, crash, shelf):
    event, again = crash(), crash()
    assert keep(web, file(event), file(event)) == [("accepted", ""), ("deduplicated", "")]
    assert keep(web, file(again)) == [("deduplicated", "")]
    assert keep(web, file(again, b"other words")) == [("accepted", "")]
    assert stored(shelf) == 2


@pytest.mark.parametrize("known", [True, False])
def test_without_a_bug_there_is_no_place_for_a_file(web, crash, shelf, known):
    event = crash(level="warning") if known else uuid4()
    assert keep(web, file(event), file(None)) == [("dropped", "no_bug")] * 2
    assert stored(shelf) == 0


def test_a_bug_has_room_for_so_many(web, crash, shelf, monkeypatch):
    monkeypatch.setattr(services, "MAX_FILES", 2)
    event = crash()
    files = [file(event, f"words {number}".encode(), f"{number}.txt") for number in range(4)]
    assert keep(web, *files) == [("accepted", "")] * 2 + [("dropped", "too_many_files")] * 2
    assert keep(web, file(event, b"later")) == [("dropped", "too_many_files")]
    assert (stored(shelf), Bug.objects.get().attachment_count) == (2, 2)


@pytest.mark.parametrize(
    ("content", "headers", "fate"),
    [
        (b"", {}, ("invalid", "empty")),
        (b"MDMP\x93\xa7\x00\x00\x01", {"filename": "crash.dmp"}, ("dropped", "unsupported_file")),
        (b"<html><script>", {"filename": "page.html"}, ("dropped", "unsupported_file")),
        (b"words", {"filename": "shot.png", "content_type": "image/png"}, ("dropped", "type_mismatch")),
        (b"words", {"filename": None}, ("accepted", "")),
        (b"words", {"filename": {"a": 1}, "content_type": 5}, ("dropped", "type_mismatch")),
        (b"words", {"filename": "../../etc/\x00passwd\u202e.txt"}, ("accepted", "")),
        (b"w" * 101, {}, ("dropped", "file_too_large")),
    ],
)
def test_what_a_file_must_be(web, crash, shelf, settings, content, headers, fate):
    settings.ATTACHMENT_MAX_BYTES = 100
    event = crash()
    sent = {"filename": "notes.txt", **headers}
    assert keep(web, file(event, content, **sent)) == [fate]
    assert stored(shelf) == (fate[0] == "accepted")


def test_a_full_disk_loses_the_file_and_nothing_else(web, crash, shelf, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    event = crash()
    monkeypatch.setattr("bugs.files.put", full)
    assert keep(web, file(event)) == [("dropped", "not_stored")]
    assert Bug.objects.get().attachment_count == 0
