"""Groups are put behind one another and taken out again; nothing of them moves, and everything can be undone."""

from typing import Any
from uuid import uuid4

import pytest

from audit.actors import SYSTEM
from audit.models import Event
from bugs.models import Bug, ErrorGroup, ErrorReport, GroupMove
from bugs.serializers.groups import SPLIT_MAX
from bugs.services import bugs, grouping, merges

API = "/api/v1/error-groups/"


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def places() -> dict[str, tuple[Any, Any]]:
    """Kind of error -> the kind that it stands behind, and the number of its bug."""
    rows = ErrorGroup.objects.values_list("title", "merged_into__title", "bug__number")
    return {title.split(":")[0]: (behind and behind.split(":")[0], number) for title, behind, number in rows}


def counts(number: int) -> tuple[int, int]:
    bug = Bug.objects.get(number=number)
    return bug.error_count, bug.user_count


def test_a_merged_group_stands_behind_the_other_and_has_its_bug(crash: Any, do: Any) -> None:
    one, two = crash("KeyError"), crash("ValueError")
    assert do(one, "merge", {"into": str(two.pk)}).status_code == 200
    assert places() == {"KeyError": ("ValueError", 2), "ValueError": (None, 2)}


def test_both_bugs_are_counted_anew_and_the_old_one_stays_as_it_is(crash: Any, do: Any) -> None:
    one, two = crash("KeyError", users="ab"), crash("ValueError", users="bc")
    do(one, "merge", {"into": str(two.pk)})
    assert (counts(1), counts(2)) == ((0, 0), (4, 3))
    assert Bug.objects.get(number=1).status == "new"
    words = dict(Bug.objects.values_list("number", "words"))
    assert "keyerror" in words[2]


def test_no_report_moves(crash: Any, do: Any) -> None:
    one, two = crash("KeyError", times=3), crash("ValueError")
    do(one, "merge", {"into": str(two.pk)})
    assert ErrorReport.objects.filter(group_id=one.pk).count() == 3
    assert ErrorGroup.objects.get(pk=one.pk).reports == 3


def test_those_behind_a_group_go_with_it(crash: Any, do: Any) -> None:
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    do(one, "merge", {"into": str(two.pk)})
    do(two, "merge", {"into": str(three.pk)})
    assert places() == {"KeyError": ("TypeError", 3), "ValueError": ("TypeError", 3), "TypeError": (None, 3)}


def test_a_group_without_a_bug_gets_that_of_the_one_merged_into_it(crash: Any, do: Any) -> None:
    one, two = crash("KeyError"), crash("Warned", level="warning")
    do(one, "merge", {"into": str(two.pk)})
    assert places() == {"KeyError": ("Warned", 1), "Warned": (None, 1)}
    assert counts(1) == (2, 0)


def test_a_deleted_bug_takes_no_errors_from_one_that_is_there(crash: Any, do: Any) -> None:
    one, two = crash("KeyError"), crash("ValueError")
    bugs.delete(Bug.objects.get(number=2).pk, by=SYSTEM)
    assert do(one, "merge", {"into": str(two.pk)}).json()["bug"] == "WEB-1"
    assert counts(1) == (2, 0)


def test_the_undo_of_a_merge_restores_places_bugs_and_counts(crash: Any, do: Any) -> None:
    one, two, three = crash("KeyError", users="ab"), crash("ValueError", users="bc"), crash("Warned", level="warning")
    do(one, "merge", {"into": str(two.pk)})
    before = places()
    do(two, "merge", {"into": str(three.pk)})
    assert places()["KeyError"] == ("Warned", 2)
    assert do(two, "undo").status_code == 200
    assert places() == before and counts(2) == (4, 3)
    assert do(two, "undo").status_code == 200
    assert places() == {"KeyError": (None, 1), "ValueError": (None, 2), "Warned": (None, None)}
    assert (counts(1), counts(2)) == ((2, 2), (2, 2))


def test_the_undo_leaves_what_was_moved_on_its_own_since(crash: Any, do: Any) -> None:
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    do(one, "merge", {"into": str(two.pk)})
    do(two, "merge", {"into": str(three.pk)})
    do(one, "split")
    GroupMove.objects.filter(group=two).update(undone_at=None)
    assert do(two, "undo").status_code == 200
    assert places()["KeyError"] == (None, 1) and places()["ValueError"] == (None, 2)


def test_a_group_that_went_on_with_another_is_not_undone_alone(crash: Any, do: Any) -> None:
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    do(one, "merge", {"into": str(two.pk)})
    do(two, "merge", {"into": str(three.pk)})
    refused(do(one, "undo"), 409, "group_moved")


def test_a_split_group_goes_back_to_the_bug_that_it_had(crash: Any, do: Any) -> None:
    one, two = crash("KeyError", users="ab"), crash("ValueError", users="bc")
    do(one, "merge", {"into": str(two.pk)})
    assert do(one, "split").status_code == 200
    assert places() == {"KeyError": (None, 1), "ValueError": (None, 2)}
    assert (counts(1), counts(2)) == ((2, 2), (2, 2))


def test_the_undo_of_a_split_puts_it_back_with_those_behind_it(crash: Any, do: Any) -> None:
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    do(one, "merge", {"into": str(two.pk)})
    do(one, "split")
    do(three, "merge", {"into": str(one.pk)})
    GroupMove.objects.filter(group=three).update(undone_at="2026-01-01T00:00:00Z")  # so that the split is the newest
    assert do(one, "undo").status_code == 200
    assert places() == {"KeyError": ("ValueError", 2), "TypeError": ("ValueError", 2), "ValueError": (None, 2)}


def test_members_are_named_to_be_taken_out(crash: Any, do: Any) -> None:
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    for group in (one, two):
        do(group, "merge", {"into": str(three.pk)})
    answer = do(three, "split", {"groups": [str(one.pk), str(two.pk)]})
    assert answer.json()["members"] == []
    assert places() == {"KeyError": (None, 1), "ValueError": (None, 2), "TypeError": (None, 3)}


def test_one_call_takes_out_only_so_many(crash: Any, do: Any) -> None:
    answer = do(crash("KeyError"), "split", {"groups": [str(uuid4())] * (SPLIT_MAX + 1)})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/groups")


def test_a_group_that_stands_alone_is_not_split(crash: Any, do: Any) -> None:
    one, two = crash("KeyError"), crash("ValueError")
    refused(do(one, "split"), 409, "not_behind")
    refused(do(one, "split", {"groups": [str(two.pk)]}), 409, "not_behind")


def test_there_is_nothing_to_undo_at_first(crash: Any, do: Any) -> None:
    refused(do(crash("KeyError"), "undo"), 409, "nothing_to_undo")


def test_what_cannot_be_merged(crash: Any, do: Any, app: Any) -> None:
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    foreign = crash("OSError", project=app)
    refused(do(one, "merge", {"into": str(one.pk)}), 400, "merge_into_itself")
    refused(do(one, "merge", {"into": str(foreign.pk)}), 400, "unknown_group")
    refused(do(one, "merge", {"into": str(app.pk)}), 400, "unknown_group")
    do(one, "merge", {"into": str(two.pk)})
    refused(do(one, "merge", {"into": str(three.pk)}), 409, "already_merged")
    refused(do(three, "merge", {"into": str(one.pk)}), 409, "merge_into_merged")
    refused(do(two, "merge", {"into": str(one.pk)}), 409, "merge_into_merged")


def test_only_so_many_stand_behind_one(crash: Any, do: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(grouping, "MEMBERS_MAX", 1)
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    do(one, "merge", {"into": str(three.pk)})
    refused(do(two, "merge", {"into": str(three.pk)}), 409, "too_many_groups")


@pytest.mark.parametrize("what", ["merge", "split", "undo"])
def test_viewers_move_nothing(crash: Any, do: Any, what: str) -> None:
    one, two, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    do(one, "merge", {"into": str(two.pk)})
    group, body = (three, {"into": str(two.pk)}) if what == "merge" else (one, {})
    assert do(group, what, body, by="carol").status_code == 403


def test_each_move_is_told(crash: Any, do: Any) -> None:
    one, two = crash("KeyError"), crash("ValueError")
    do(one, "merge", {"into": str(two.pk)})
    do(one, "undo")
    merged, split = Event.objects.filter(subject=f"error_group:{one.pk}").order_by("seq")[1:]
    assert (merged.type, merged.data["into"], merged.data["similarity"]) == ("error_group.merged", str(two.pk), None)
    assert (split.type, split.data["out_of"]) == ("error_group.split", str(two.pk))
    assert "system" not in (merged.actor, split.actor)


def test_moves_are_listed_newest_first_at_both_ends(crash: Any, do: Any, api: Any) -> None:
    one, two = crash("KeyError"), crash("ValueError")
    do(one, "merge", {"into": str(two.pk)})
    do(one, "split")
    for group in (one, two):
        moves = api("carol").get(f"{API}{group.pk}/moves/").json()["results"]
        assert [(move["kind"], move["group"], move["into"]) for move in moves] == [
            ("split", str(one.pk), str(two.pk)),
            ("merge", str(one.pk), str(two.pk)),
        ]


def test_a_bug_that_was_merged_since_leads_to_the_one_it_is_in(crash: Any, do: Any) -> None:
    one, two, _ = crash("KeyError"), crash("ValueError"), crash("TypeError")
    do(one, "merge", {"into": str(two.pk)})
    bugs = {bug.number: bug.pk for bug in Bug.objects.all()}
    merges.merge(bugs[1], into=bugs[3], by=SYSTEM)
    do(one, "split")
    assert places()["KeyError"] == (None, 3)


def test_a_merge_of_bugs_is_not_undone_over_a_merge_of_groups(crash: Any, do: Any) -> None:
    one, two = crash("KeyError"), crash("ValueError")
    bugs = {bug.number: bug.pk for bug in Bug.objects.all()}
    merges.merge(bugs[1], into=bugs[2], by=SYSTEM)
    do(one, "merge", {"into": str(two.pk)})
    with pytest.raises(merges.CannotUndo) as caught:
        merges.undo(bugs[1], by=SYSTEM)
    assert caught.value.code == "merge_groups_moved"


def test_those_behind_a_group_come_back_with_the_bug(crash: Any, do: Any) -> None:
    one, _, three = crash("KeyError"), crash("ValueError"), crash("TypeError")
    bugs = {bug.number: bug.pk for bug in Bug.objects.all()}
    merges.merge(bugs[1], into=bugs[2], by=SYSTEM)
    do(three, "merge", {"into": str(one.pk)})
    merges.undo(bugs[1], by=SYSTEM)
    assert places() == {"KeyError": (None, 1), "TypeError": ("KeyError", 1), "ValueError": (None, 2)}
