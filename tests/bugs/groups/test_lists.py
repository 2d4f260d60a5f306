"""A group that others stand behind is shown once, with what all of them count."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bugs.models import ErrorGroup
from bugs.selectors import groups
from bugs.services import folding

API = "/api/v1/"


@pytest.fixture
def family(crash: Any, do: Any) -> tuple[Any, Any]:
    """KeyError stands behind ValueError; both met ann."""
    now = timezone.now()
    member = crash("KeyError", users="ab", at=now - timedelta(hours=3), tags={"session_id": "s-1"})
    head = crash("ValueError", users="ac", at=now - timedelta(hours=5), tags={"session_id": "s-2"})
    do(member, "merge", {"into": str(head.pk)})
    return head, member


def results(answer: Any) -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_the_list_has_heads_with_the_totals_of_all(api: Any, family: Any) -> None:
    head, member = family
    (row,) = results(api("carol").get(f"{API}error-groups/"))
    assert (row["id"], row["reports"], row["users"], row["member_count"]) == (str(head.pk), 4, 3, 1)
    member.refresh_from_db()
    assert row["last_seen_at"][:19] == member.last_seen_at.isoformat()[:19]
    assert row["first_seen_at"][:19] == head.first_seen_at.isoformat()[:19]


def test_of_very_many_users_one_whom_two_groups_met_counts_twice(api: Any, family: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(groups, "_DOCUMENTS", groups._DOCUMENTS.replace(f"> {groups.DISTINCT_MAX}", "> 3"))
    (row,) = results(api("carol").get(f"{API}error-groups/"))
    assert row["users"] == 4


def test_a_head_names_those_behind_it(read: Any, family: Any) -> None:
    head, member = family
    (named,) = read(head)["members"]
    assert (named["id"], named["title"], named["reports"], named["similarity"]) == (
        str(member.pk),
        member.title,
        2,
        None,
    )


def test_one_behind_another_still_answers_and_says_so(read: Any, family: Any) -> None:
    head, member = family
    shown = read(member)
    assert (shown["merged_into"], shown["reports"], shown["members"]) == (str(head.pk), 2, [])
    assert shown["bug"] == read(head)["bug"]


def test_the_reports_of_a_head_are_those_of_all_newest_first_in_both_directions(api: Any, family: Any) -> None:
    head, member = family
    client = api("carol")
    first = client.get(f"{API}error-groups/{head.pk}/errors/?limit=3")
    second = client.get(first.json()["next"])
    ids = [row["id"] for row in [*results(first), *results(second)]]
    assert ids == sorted(ids, reverse=True) and len(ids) == 4
    assert [row["id"] for row in results(client.get(second.json()["previous"]))] == ids[:3]
    assert len(results(client.get(f"{API}error-groups/{member.pk}/errors/"))) == 2


def test_a_bug_lists_heads(api: Any, family: Any) -> None:
    head, _ = family
    number = ErrorGroup.objects.values_list("bug__number", flat=True).get(pk=head.pk)
    (row,) = results(api("carol").get(f"{API}bugs/WEB-{number}/error-groups/"))
    assert (row["id"], row["reports"]) == (str(head.pk), 4)


@pytest.mark.parametrize("fold", [False, True])
def test_patterns_are_counted_by_head(api: Any, family: Any, fold: bool) -> None:
    head, _ = family
    if fold:
        folding.fold()
    (row,) = results(api("carol").get(f"{API}error-patterns/"))
    assert (row["id"], row["count"], row["reports"], row["users"]) == (str(head.pk), 4, 4, 3)


def test_a_pattern_in_full_is_that_of_all(api: Any, family: Any) -> None:
    head, _ = family
    shown = [api("carol").get(f"{API}error-patterns/{group.pk}/").json() for group in family]
    assert shown[0]["pattern"]["id"] == shown[1]["pattern"]["id"] == str(head.pk)
    assert (shown[0]["pattern"]["count"], shown[0]["system_impact"]["looked_at"]) == (4, 4)
    assert shown[0]["affected_users"] == {"total": 3, "new": 3}


def test_groups_that_go_together_are_heads(api: Any, family: Any, crash: Any) -> None:
    head, _ = family
    for session in ("s-1", "s-2"):
        other = crash("OSError", tags={"session_id": session})
    (found,) = [
        one
        for one in api("carol").get(f"{API}error-patterns/{other.pk}/").json()["correlations"]
        if one["kind"] == "session"
    ]
    assert (found["group_id"], found["support"]) == (str(head.pk), 2)


@pytest.mark.parametrize("fold", [False, True])
def test_figures_of_errors_are_by_head(api: Any, family: Any, fold: bool) -> None:
    head, _ = family
    if fold:
        folding.fold()
    answer = api("carol").get(f"{API}analytics/errors/?from=-1d&group_by=group").json()
    assert [(row["id"], row["errors"]) for row in answer["top_groups"]] == [(str(head.pk), 4)]
    assert [(row["value"], row["total"]) for row in answer["series"]] == [(head.title, 4)]
