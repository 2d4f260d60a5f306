"""Saved views: private and shared, and what they find."""

from collections.abc import Callable
from typing import Any

import pytest

from audit.actors import SYSTEM
from audit.models import Event
from bugs import services
from bugs.models import SavedView
from bugs.serializers.saved import MAX_NAME, MAX_QUERY, ORDERINGS
from bugs.services import saved
from bugs.views import bugs as bug_views

Api = Callable[..., Any]


@pytest.fixture
def keep(api: Api) -> Callable[..., Any]:
    """Save a view as one of the cast."""

    def post(by: str = "bob", **body: Any) -> Any:
        return api(by).post("/api/v1/views/", {"name": "Mine", "q": "severity:high", **body}, format="json")

    return post


@pytest.fixture
def two_bugs(web: Any) -> None:
    for title, severity in (("first", "high"), ("second", "low")):
        services.report(project_id=web.pk, by=SYSTEM, title=title, severity=severity)


def names(api: Api, by: str) -> list[str]:
    return [one["name"] for one in api(by).get("/api/v1/views/").json()["results"]]


def found(api: Api, place: str, by: str = "bob") -> list[str]:
    answer = api(by).get(f"{place}bugs/")
    assert answer.status_code == 200, answer.json()
    return [one["title"] for one in answer.json()["results"]]


def test_a_view_is_saved_and_read_again(api: Api, keep: Any) -> None:
    answer = keep()
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["owner"], body["project"], body["is_shared"], body["ordering"]) == ("bob", None, False, "-created_at")
    assert api("bob").get(answer["Location"]).json() == body
    assert "severity:high" not in str(Event.objects.get(type="view.created").data)


def test_a_view_finds_what_the_list_finds(api: Api, keep: Any, two_bugs: None) -> None:
    assert found(api, keep()["Location"]) == ["first"]
    place = keep(name="All", q="", ordering="created_at")["Location"]
    assert found(api, place) == ["first", "second"]
    page = api("bob").get(f"{place}bugs/?fields=title&limit=1").json()
    assert page["results"] == [{"title": "first"}]


def test_views_are_ordered_as_lists_are() -> None:
    assert ORDERINGS == bug_views.ORDERINGS


def test_a_view_of_a_project_finds_only_its_bugs(api: Api, keep: Any, two_bugs: None, make_project: Any) -> None:
    services.report(project_id=make_project.pk, by=SYSTEM, title="elsewhere", severity="high")
    assert found(api, keep("alice", name="Both")["Location"], "alice") == ["elsewhere", "first"]
    assert found(api, keep("alice", project="WEB")["Location"], "alice") == ["first"]


@pytest.fixture
def make_project(people_of_web: Any) -> Any:
    """A second project, of alice alone."""
    from bugs import people

    project = people.make_project(key="SHOP", name="Shop", by=SYSTEM)
    people.join(project=project, user=people_of_web["alice"], role="admin", by=SYSTEM)  # type: ignore[arg-type]
    return project


def test_a_private_view_exists_for_its_owner_alone(api: Api, keep: Any) -> None:
    place = keep()["Location"]
    assert names(api, "alice") == []
    for answer in (
        api("alice").get(place),
        api("alice").get(f"{place}bugs/"),
        api("alice").patch(place, {"name": "Hers"}),
        api("alice").delete(place),
    ):
        assert answer.status_code == 404


def test_a_shared_view_is_read_by_all_who_see_the_project(api: Api, keep: Any, two_bugs: None) -> None:
    place = keep(project="WEB", is_shared=True)["Location"]
    assert names(api, "carol") == ["Mine"]
    assert found(api, place, "carol") == ["first"]
    assert api("carol").patch(place, {"name": "Hers"}).status_code == 403
    assert api("carol").delete(place).status_code == 403


def test_whoever_runs_the_project_may_remove_a_shared_view(api: Api, keep: Any) -> None:
    assert api("alice").delete(keep(project="WEB", is_shared=True)["Location"]).status_code == 204


def test_a_shared_view_shows_nobody_more_than_they_may_see(api: Api, keep: Any, make_project: Any, web: Any) -> None:
    services.report(project_id=make_project.pk, by=SYSTEM, title="secret", severity="high")
    place = keep("alice", project="WEB", is_shared=True)["Location"]
    assert found(api, place, "carol") == []
    hidden = keep("alice", name="Shop", project="SHOP", is_shared=True)["Location"]
    assert api("carol").get(hidden).status_code == 404


def test_viewers_keep_views_and_share_none(keep: Any) -> None:
    assert keep("carol").status_code == 201
    assert keep("carol", name="Ours", project="WEB", is_shared=True).status_code == 403


def test_sharing_needs_a_project(keep: Any) -> None:
    answer = keep(is_shared=True)
    assert (answer.status_code, answer.json()["code"]) == (400, "view_without_project")


def test_a_name_is_taken_once_per_owner(api: Api, keep: Any) -> None:
    keep()
    answer = keep()
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    assert keep("alice").status_code == 201
    other = keep(name="Other")["Location"]
    assert api("bob").patch(other, {"name": "Mine"}).status_code == 409


def test_an_edit_needs_the_version_that_was_read(api: Api, keep: Any) -> None:
    answer = keep()
    place, tag = answer["Location"], answer["ETag"]
    changed = api("bob").patch(place, {"q": "status:new"}, HTTP_IF_MATCH=tag)
    assert (changed.status_code, changed.json()["q"], changed.json()["version"]) == (200, "status:new", 2)
    stale = api("bob").patch(place, {"q": ""}, HTTP_IF_MATCH=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")


def test_a_view_can_leave_its_project(api: Api, keep: Any) -> None:
    place = keep(project="WEB")["Location"]
    assert api("bob").patch(place, {"project": None}).json()["project"] is None


def test_one_person_has_so_many_views_and_no_more(keep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MAX_VIEWS", 2)
    assert [keep(name=name).status_code for name in ("a", "b", "c")] == [201, 201, 409]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"q": "nosuchfield:1"}, "/q"),
        ({"q": 'title:"open'}, "/q"),
        ({"q": "x" * (MAX_QUERY + 1)}, "/q"),
        ({"name": ""}, "/name"),
        ({"name": "x" * (MAX_NAME + 1)}, "/name"),
        ({"ordering": "reporter__password"}, "/ordering"),
        ({"project": "NOPE"}, "/project"),
        ({"owner": "alice"}, "/owner"),
    ],
)
def test_bad_views_are_refused(keep: Any, body: dict[str, Any], pointer: str) -> None:
    answer = keep(**body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not SavedView.objects.exists()


def test_nul_is_refused(keep: Any) -> None:
    assert keep(q="a\x00b").json()["code"] == "invalid_json"


def test_a_key_keeps_views_for_its_owner(api: Api, keep: Any) -> None:
    keep()
    assert names(api, "bob") == ["Mine"]


def test_a_key_that_only_reads_saves_nothing(api: Api, people_of_web: Any) -> None:
    assert api("bob", permissions=("read",)).post("/api/v1/views/", {"name": "x"}).status_code == 403


def test_outsiders_see_no_views(api: Api, keep: Any) -> None:
    keep(project="WEB", is_shared=True)
    assert api("mallory").get("/api/v1/views/").status_code == 403
