"""Links between two bugs and what is related to one."""

from collections.abc import Callable
from typing import Any

import pytest

from audit.models import Event
from bugs.models import BugLink
from bugs.services import links

Api = Callable[..., Any]


@pytest.fixture
def link(api: Api) -> Callable[..., Any]:
    def post(source: Any, target: Any, kind: str = "blocks", by: str = "bob") -> Any:
        to = str(getattr(target, "pk", target))
        return api(by).post(f"/api/v1/bugs/{source.pk}/links/", {"to": to, "kind": kind})

    return post


def related(api: Api, bug: Any, name: str = "carol") -> list[tuple[str, str]]:
    rows = api(name).get(f"/api/v1/bugs/{bug.pk}/related/").json()["results"]
    return [(one["title"], one["relation"]) for one in rows]


@pytest.mark.parametrize(
    ("kind", "back"),
    [("blocks", "blocked_by"), ("causes", "caused_by"), ("duplicates", "duplicated_by"), ("relates", "relates")],
)
def test_a_link_is_seen_from_both_ends(api: Api, make: Any, link: Any, kind: str, back: str) -> None:
    one, two = make("one"), make("two")
    assert link(one, two, kind).status_code == 201
    assert related(api, one) == [("two", kind)]
    assert related(api, two) == [("one", back)]


def test_a_bug_is_named_by_its_reference_too(api: Api, make: Any, link: Any) -> None:
    one, two = make("one"), make("two")
    assert link(one, f"WEB-{two.number}").status_code == 201
    assert Event.objects.get(type="bug.linked").data["to"] == str(two.pk)


def test_a_link_is_taken_away_from_either_end(api: Api, make: Any, link: Any) -> None:
    one, two = make("one"), make("two")
    name = link(one, two).json()["id"]
    assert api("carol").delete(f"/api/v1/bugs/{two.pk}/links/{name}/").status_code == 403
    assert api("bob").delete(f"/api/v1/bugs/{two.pk}/links/{name}/").status_code == 204
    assert api("bob").delete(f"/api/v1/bugs/{two.pk}/links/{name}/").status_code == 404
    assert related(api, one) == []


def test_a_link_of_other_bugs_is_not_to_be_found_here(api: Api, make: Any, link: Any) -> None:
    name = link(make("one"), make("two")).json()["id"]
    assert api("bob").delete(f"/api/v1/bugs/{make('three').pk}/links/{name}/").status_code == 404


def test_a_bug_is_not_linked_to_itself(make: Any, link: Any) -> None:
    one = make("one")
    answer = link(one, one)
    assert (answer.status_code, answer.json()["code"]) == (400, "link_to_itself")
    assert answer.json()["errors"][0]["pointer"] == "/to"


@pytest.mark.parametrize("kind", ["blocks", "causes", "duplicates"])
def test_no_bug_blocks_itself_through_others(make: Any, link: Any, kind: str) -> None:
    one, two, three = make("one"), make("two"), make("three")
    link(one, two, kind)
    assert link(two, one, kind).json()["code"] == "link_circle"
    link(two, three, kind)
    assert link(three, one, kind).json()["code"] == "link_circle"
    assert BugLink.objects.count() == 2


def test_the_same_link_is_made_once(make: Any, link: Any) -> None:
    one, two = make("one"), make("two")
    link(one, two, "relates")
    for source, target in ((one, two), (two, one)):
        answer = link(source, target, "relates")
        assert (answer.status_code, answer.json()["code"]) == (409, "link_exists")


def test_a_bug_has_so_many_links_and_no_more(make: Any, link: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MAX_LINKS", 2)
    one = make("one")
    assert [link(one, make(title)).status_code for title in ("two", "three", "four")] == [201, 201, 409]


@pytest.mark.parametrize("to", ["WEB-999", "9fd7dc89-4736-47b5-8bdc-ad1fc77e36f9", "nonsense", ""])
def test_a_link_needs_another_bug(make: Any, link: Any, to: str) -> None:
    answer = link(make("one"), to)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/to"


def test_a_name_with_nul_is_refused(make: Any, link: Any) -> None:
    assert link(make("one"), "WEB\x00-1").json()["code"] == "invalid_json"


def test_an_unknown_kind_is_refused(make: Any, link: Any) -> None:
    assert link(make("one"), make("two"), "hates").json()["errors"][0]["pointer"] == "/kind"


def test_viewers_link_nothing(make: Any, link: Any) -> None:
    assert link(make("one"), make("two"), by="carol").status_code == 403


def test_bugs_of_two_projects_are_linked_by_those_who_see_both(api: Api, make: Any, shop: Any, link: Any) -> None:
    one, other = make("one"), make("other", shop)
    assert link(one, other, by="bob").json()["code"] == "unknown_bug"
    assert link(one, other, by="alice").status_code == 201
    assert related(api, one, "alice") == [("other", "blocks")]
    assert related(api, one, "bob") == []


def test_a_deleted_bug_is_no_longer_related(api: Api, make: Any, link: Any) -> None:
    one, two = make("one"), make("two")
    link(one, two)
    api("alice").delete(f"/api/v1/bugs/{two.pk}/")
    assert related(api, one) == []
