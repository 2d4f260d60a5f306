"""Comments: public and internal, corrected with history, deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from audit.models import Event, OutboxEntry
from bugs.models import Bug, Comment
from bugs.selectors import comments as selectors
from bugs.serializers.comments import MAX_BODY

Api = Callable[..., Any]


@pytest.fixture
def say(api: Api, bug: Any) -> Callable[..., Any]:
    """Comment on the bug as one of the cast."""

    def post(name: str, body: str = "It fails for me too.", **more: Any) -> Any:
        return api(name).post(f"/api/v1/bugs/{bug.pk}/comments/", {"body": body, **more}, format="json")

    return post


def listed(api: Api, bug: Any, name: str) -> list[str]:
    return [one["body"] for one in api(name).get(f"/api/v1/bugs/{bug.pk}/comments/").json()["results"]]


def test_a_comment_is_answered_with_its_etag_and_place(api: Api, say: Any) -> None:
    answer = say("bob")
    assert answer.status_code == 201, answer.json()
    assert answer["ETag"].startswith('"1-')
    body = answer.json()
    assert (body["author"], body["is_internal"], body["edited_at"]) == ("bob", False, None)
    assert api("carol").get(answer["Location"]).json() == body


def test_the_newest_comment_comes_first_unless_asked_otherwise(api: Api, bug: Any, say: Any) -> None:
    say("bob", "one")
    say("alice", "two")
    assert listed(api, bug, "carol") == ["two", "one"]
    carol = api("carol")
    page = carol.get(f"/api/v1/bugs/{bug.pk}/comments/?ordering=created_at&limit=1").json()
    assert [one["body"] for one in page["results"]] == ["one"]
    assert [one["body"] for one in carol.get(page["next"]).json()["results"]] == ["two"]


def test_comments_are_ordered_by_nothing_else(api: Api, bug: Any) -> None:
    answer = api("carol").get(f"/api/v1/bugs/{bug.pk}/comments/?ordering=body")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_ordering")


def test_an_unknown_parameter_is_refused(api: Api, bug: Any) -> None:
    answer = api("carol").get(f"/api/v1/bugs/{bug.pk}/comments/?author=bob")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")


def test_internal_comments_do_not_exist_for_viewers(api: Api, bug: Any, say: Any) -> None:
    place = say("bob", "The customer is wrong.", is_internal=True)["Location"]
    assert listed(api, bug, "carol") == []
    assert api("carol").get(place).status_code == 404
    assert api("carol").get(f"/api/v1/comments/{place.split('/')[-2]}/edits/").status_code == 404
    assert listed(api, bug, "alice") == ["The customer is wrong."]


def test_internal_comments_leave_no_trace_on_the_bug(bug: Any, say: Any) -> None:
    before = Bug.objects.values().get(pk=bug.pk)
    say("bob", "secretword", is_internal=True)
    assert Bug.objects.values().get(pk=bug.pk) == before


def test_events_of_internal_comments_go_to_nobody(bug: Any, say: Any) -> None:
    say("bob", "secretword", is_internal=True)
    event = Event.objects.get(type="internal_comment.added")
    assert event.subject.startswith("comment:")
    assert not OutboxEntry.objects.filter(event=event).exists()
    assert "secretword" not in str(event.data)


def test_documents_hide_internal_comments(bug: Any, say: Any, as_principal: Any) -> None:
    say("bob", "hidden", is_internal=True)
    say("bob", "open")
    shown = {
        name: [("hidden" in text) for text in selectors.documents(bug.pk, principal=as_principal(name), limit=20)]
        for name in ("carol", "bob")
    }
    assert shown == {"carol": [False], "bob": [False, True]}


def test_a_public_comment_counts_and_can_be_found(bug: Any, say: Any) -> None:
    say("bob", "flabbergasted")
    bug = Bug.objects.get(pk=bug.pk)
    assert bug.comment_count == 1
    assert "flabbergasted" in bug.words
    event = Event.objects.get(type="bug.comment_added")
    assert event.data["is_internal"] is False
    assert "flabbergasted" not in str(event.data)


def test_whoever_comments_watches(api: Api, bug: Any, say: Any) -> None:
    say("bob")
    watchers = api("carol").get(f"/api/v1/bugs/{bug.pk}/watchers/").json()["results"]
    assert [one["username"] for one in watchers] == ["bob"]


def test_viewers_do_not_comment(say: Any) -> None:
    assert say("carol").status_code == 403


def test_outsiders_find_no_bug_to_comment_on(say: Any) -> None:
    assert say("mallory").status_code in (403, 404)
    assert not Comment.objects.exists()


def test_reporters_do_not_write_internal_comments(join: Any, bug: Any, people_of_web: Any, api: Api) -> None:
    people_of_web["dora"] = join("dora", "reporter")
    client = api("dora")
    path = f"/api/v1/bugs/{bug.pk}/comments/"
    assert client.post(path, {"body": "Hello"}).status_code == 201
    assert client.post(path, {"body": "Hello", "is_internal": True}).status_code == 403


def test_an_edit_keeps_what_was_said_before(api: Api, bug: Any, say: Any) -> None:
    place = say("bob", "frist")["Location"]
    answer = api("bob").patch(place, {"body": "first"}, HTTP_IF_MATCH='"1"')
    assert (answer.status_code, answer.json()["body"]) == (200, "first")
    assert answer["ETag"].startswith('"2-')
    edits = api("carol").get(f"/api/v1/comments/{answer.json()['id']}/edits/").json()["results"]
    assert [one["body"] for one in edits] == ["frist"]
    words = Bug.objects.get(pk=bug.pk).words
    assert "first" in words
    assert "frist" not in words


def test_an_edit_that_changes_nothing_leaves_no_history(api: Api, say: Any) -> None:
    place = say("bob", "same")["Location"]
    assert api("bob").patch(place, {"body": "same"}).json()["version"] == 1
    assert not Event.objects.filter(type="bug.comment_edited").exists()


def test_of_two_writers_with_one_etag_the_second_is_refused(api: Api, say: Any) -> None:
    place = say("bob")["Location"]
    assert api("bob").patch(place, {"body": "a"}, HTTP_IF_MATCH='"1"').status_code == 200
    answer = api("alice").patch(place, {"body": "b"}, HTTP_IF_MATCH='"1"')
    assert (answer.status_code, answer.json()["code"]) == (412, "version_changed")
    assert api("bob").get(place).json()["body"] == "a"


def test_only_the_author_and_admins_touch_a_comment(api: Api, say: Any) -> None:
    place = say("alice")["Location"]
    assert api("bob").patch(place, {"body": "b"}).status_code == 403
    assert api("bob").delete(place).status_code == 403
    place = say("bob")["Location"]
    assert api("alice").patch(place, {"body": "moderated"}).status_code == 200
    assert api("alice").delete(place).status_code == 204


def test_a_deleted_comment_is_gone_from_everywhere(api: Api, bug: Any, say: Any) -> None:
    answer = say("bob", "flabbergasted")
    assert api("bob").delete(answer["Location"]).status_code == 204
    assert listed(api, bug, "bob") == []
    assert api("bob").get(answer["Location"]).status_code == 404
    assert api("bob").get(f"/api/v1/comments/{answer.json()['id']}/edits/").status_code == 404
    bug = Bug.objects.get(pk=bug.pk)
    assert (bug.comment_count, "flabbergasted" in bug.words) == (0, False)


def test_a_comment_of_a_deleted_bug_is_gone_too(api: Api, bug: Any, say: Any) -> None:
    answer = say("bob")
    api("alice").delete(f"/api/v1/bugs/{bug.pk}/")
    assert api("bob").get(f"/api/v1/comments/{answer.json()['id']}/edits/").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"body": ""}, "invalid"),
        ({"body": "   "}, "invalid"),
        ({}, "invalid"),
        ({"body": "x" * (MAX_BODY + 1)}, "invalid"),
        ({"body": "x\x00y"}, "invalid_json"),
        ({"body": "x", "author": "alice"}, "invalid"),
        ({"body": "x", "is_internal": "perhaps"}, "invalid"),
    ],
)
def test_bad_comments_are_refused(api: Api, bug: Any, body: dict[str, Any], code: str) -> None:
    answer = api("bob").post(f"/api/v1/bugs/{bug.pk}/comments/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Comment.objects.exists()


def test_a_comment_of_the_greatest_length_is_taken(say: Any) -> None:
    assert say("bob", "x" * MAX_BODY).status_code == 201


def test_a_comment_is_not_made_internal_or_public_afterwards(api: Api, say: Any) -> None:
    answer = api("bob").patch(say("bob")["Location"], {"body": "x", "is_internal": True})
    assert answer.json()["errors"][0]["pointer"] == "/is_internal"


def test_notes_of_a_move_become_a_comment(api: Api, bug: Any) -> None:
    api("bob").post(f"/api/v1/bugs/{bug.pk}/status/", {"to": "triaged", "notes": "Seen it."})
    assert listed(api, bug, "carol") == ["Seen it."]
