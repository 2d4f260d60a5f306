"""A bug becomes another one, and itself again."""

from collections.abc import Callable
from typing import Any

import pytest

from audit.models import Event
from bugs.models import Bug, ErrorGroup, Merge, Watcher
from bugs.services import watchers

Api = Callable[..., Any]
VOLATILE = ("version", "updated_at")


@pytest.fixture
def merge(api: Api) -> Callable[..., Any]:
    def post(source: Any, target: Any, by: str = "bob", **headers: str) -> Any:
        into = str(getattr(target, "pk", target))
        return api(by).post(f"/api/v1/bugs/{source.pk}/merge/", {"into": into}, **headers)

    return post


def unmerge(api: Api, source: Any, by: str = "bob") -> Any:
    return api(by).post(f"/api/v1/bugs/{source.pk}/unmerge/")


def row(bug: Any) -> dict[str, Any]:
    found = Bug.objects.values().get(pk=bug.pk)
    return {name: value for name, value in found.items() if name not in VOLATILE}


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == "/into"


def test_a_merged_bug_is_resolved_as_a_duplicate(make: Any, merge: Any) -> None:
    one, two = make("one"), make("two")
    answer = merge(one, f"WEB-{two.number}")
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (body["status"], body["resolution"]) == ("resolved", "duplicate")
    assert body["merged_into"] == f"WEB-{two.number}"
    types = list(Event.objects.filter(subject=f"bug:{one.pk}").order_by("seq").values_list("type", flat=True))
    assert types == ["bug.created", "bug.status_changed", "bug.merged"]


def test_its_errors_go_to_the_other_and_are_counted_there(make: Any, merge: Any, group: Any) -> None:
    one, two = make("one"), make("two")
    group(one, "KeyError", reports=3, users="ab", level="fatal")
    group(two, "ValueError", reports=2, users="bc", level="warning")
    merge(one, two)
    one, two = Bug.objects.get(pk=one.pk), Bug.objects.get(pk=two.pk)
    assert (one.error_count, one.user_count, one.error_level, one.last_error_at) == (0, 0, "", None)
    assert (two.error_count, two.user_count, two.error_level) == (5, 3, "fatal")
    assert set(ErrorGroup.objects.values_list("bug_id", flat=True)) == {two.pk}
    assert "keyerror" in two.words
    assert "keyerror" not in one.words


def test_the_undo_restores_both_exactly(api: Api, make: Any, merge: Any, group: Any) -> None:
    one, two = make("one"), make("two")
    group(one, "KeyError", reports=3, users="ab", level="fatal")
    group(two, "ValueError", reports=2, users="bc", level="warning")
    api("bob").post(f"/api/v1/bugs/{one.pk}/status/", {"to": "closed", "resolution": "by_design"})
    watchers.join(one.pk, api_user("carol"))
    before = row(one), row(two), watching(one), watching(two)
    merge(one, two)
    assert row(one) != before[0]
    assert unmerge(api, one).status_code == 200
    for bug in (one, two):
        Bug.objects.filter(pk=bug.pk).first()
    after = row(one), row(two), watching(one), watching(two)
    assert strip_words(after) == strip_words(before)


def api_user(name: str) -> int:
    from bugs.models import User

    return User.objects.get_or_create(username=name)[0].pk


def watching(bug: Any) -> set[int]:
    return set(Watcher.objects.filter(bug_id=bug.pk).values_list("user_id", flat=True))


def strip_words(facts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Groups that the fixture makes are not in the words before the first merge."""
    return tuple(
        {name: value for name, value in one.items() if name not in ("words", "stems")} if isinstance(one, dict) else one
        for one in facts
    )


def test_what_was_counted_since_the_merge_stays_counted(api: Api, make: Any, merge: Any, group: Any) -> None:
    one, two = make("one"), make("two")
    made = group(one, "KeyError", reports=3)
    merge(one, two)
    ErrorGroup.objects.filter(pk=made.pk).update(reports=10)
    unmerge(api, one)
    assert Bug.objects.get(pk=one.pk).error_count == 10
    assert Bug.objects.get(pk=two.pk).error_count == 0


def test_watchers_are_copied_and_taken_back(api: Api, make: Any, merge: Any) -> None:
    one, two = make("one"), make("two")
    carol, bob = api_user("carol"), api_user("bob")
    watchers.join(one.pk, carol, bob)
    watchers.join(two.pk, bob)
    api_of_alice(api, merge, one, two)
    assert watching(two) == {carol, bob}
    unmerge(api, one)
    assert watching(two) == {bob}


def api_of_alice(api: Api, merge: Any, one: Any, two: Any) -> None:
    assert merge(one, two, by="alice").status_code == 200


@pytest.fixture(autouse=True)
def the_cast(people_of_web: Any) -> None:
    """Everyone is there before they are looked up by name."""


def test_a_bug_is_not_merged_into_itself(make: Any, merge: Any) -> None:
    one = make("one")
    refused(merge(one, one), 400, "merge_into_itself")


def test_two_bugs_are_not_merged_in_a_circle(make: Any, merge: Any) -> None:
    one, two = make("one"), make("two")
    merge(one, two)
    refused(merge(two, one), 409, "merge_circle")
    assert Merge.objects.count() == 1


def test_bugs_are_not_merged_in_a_wider_circle(make: Any, merge: Any) -> None:
    one, two, three = make("one"), make("two"), make("three")
    merge(one, two)
    merge(two, three)
    refused(merge(three, one), 409, "merge_circle")


def test_bugs_of_two_projects_are_not_merged(make: Any, shop: Any, merge: Any) -> None:
    one, other = make("one"), make("other", shop)
    refused(merge(one, other, by="alice"), 409, "merge_across_projects")
    refused(merge(one, other, by="bob"), 400, "unknown_bug")


def test_nothing_is_merged_into_a_merged_bug(make: Any, merge: Any) -> None:
    one, two, three = make("one"), make("two"), make("three")
    merge(two, three)
    refused(merge(one, two), 409, "merge_into_merged")


def test_a_bug_is_merged_once(make: Any, merge: Any) -> None:
    one, two, three = make("one"), make("two"), make("three")
    merge(one, two)
    refused(merge(one, three), 409, "already_merged")


def test_nothing_is_merged_into_a_deleted_bug(api: Api, make: Any, merge: Any) -> None:
    one, two = make("one"), make("two")
    api("alice").delete(f"/api/v1/bugs/{two.pk}/")
    refused(merge(one, two), 400, "unknown_bug")


@pytest.mark.parametrize("into", ["WEB-999", "9fd7dc89-4736-47b5-8bdc-ad1fc77e36f9", "nonsense"])
def test_nothing_is_merged_into_what_is_not_there(make: Any, merge: Any, into: str) -> None:
    refused(merge(make("one"), into), 400, "unknown_bug")


def test_a_refused_merge_changes_nothing(make: Any, merge: Any, shop: Any) -> None:
    one, other = make("one"), make("other", shop)
    before = row(one), row(other)
    merge(one, other, by="alice")
    assert (row(one), row(other)) == before
    assert not Event.objects.filter(type="bug.merged").exists()


def test_viewers_merge_nothing(make: Any, merge: Any) -> None:
    assert merge(make("one"), make("two"), by="carol").status_code == 403


def test_a_stale_version_is_refused(make: Any, merge: Any) -> None:
    answer = merge(make("one"), make("two"), HTTP_IF_MATCH='"9"')
    assert (answer.status_code, answer.json()["code"]) == (412, "version_changed")


def test_a_merged_bug_does_not_move(api: Api, make: Any, merge: Any) -> None:
    one = make("one")
    merge(one, make("two"))
    answer = api("bob").post(f"/api/v1/bugs/{one.pk}/status/", {"to": "reopened"})
    assert (answer.status_code, answer.json()["code"]) == (409, "bug_merged")


def test_a_merge_shows_in_what_is_related(api: Api, make: Any, merge: Any) -> None:
    one, two = make("one"), make("two")
    merge(one, two)
    shown = {
        bug.pk: api("carol").get(f"/api/v1/bugs/{bug.pk}/related/").json()["results"][0]["relation"]
        for bug in (one, two)
    }
    assert shown == {one.pk: "merged_into", two.pk: "merged_from"}


def test_what_is_not_merged_is_not_undone(api: Api, make: Any, merge: Any) -> None:
    one = make("one")
    assert unmerge(api, one).json()["code"] == "not_merged"
    merge(one, make("two"))
    unmerge(api, one)
    assert unmerge(api, one).json()["code"] == "not_merged"


def test_a_bug_can_be_merged_again_after_the_undo(api: Api, make: Any, merge: Any) -> None:
    one, two = make("one"), make("two")
    merge(one, two)
    unmerge(api, one)
    assert merge(two, one).status_code == 200


def test_a_chain_is_undone_from_its_end(api: Api, make: Any, merge: Any, group: Any) -> None:
    one, two, three = make("one"), make("two"), make("three")
    group(one, "KeyError", reports=3)
    merge(one, two)
    merge(two, three)
    answer = unmerge(api, one)
    assert (answer.status_code, answer.json()["code"]) == (409, "merge_target_merged")
    assert unmerge(api, two).status_code == 200
    assert unmerge(api, one).status_code == 200
    assert Bug.objects.get(pk=one.pk).error_count == 3


def test_a_merge_into_what_was_deleted_since_waits_for_its_return(api: Api, make: Any, merge: Any) -> None:
    one, two = make("one"), make("two")
    merge(one, two)
    api("alice").delete(f"/api/v1/bugs/{two.pk}/")
    assert unmerge(api, one).json()["code"] == "merge_target_gone"
    api("alice").post(f"/api/v1/bugs/{two.pk}/restore/")
    assert unmerge(api, one).status_code == 200


def test_errors_that_went_elsewhere_are_not_taken_from_there(api: Api, make: Any, merge: Any, group: Any) -> None:
    one, two, three = make("one"), make("two"), make("three")
    made = group(one, "KeyError", reports=3)
    merge(one, two)
    ErrorGroup.objects.filter(pk=made.pk).update(bug_id=three.pk)
    assert unmerge(api, one).json()["code"] == "merge_groups_moved"
    assert Bug.objects.get(pk=one.pk).merged_into_id == two.pk
