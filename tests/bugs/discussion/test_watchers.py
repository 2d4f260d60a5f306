"""Who hears of a bug."""

from collections.abc import Callable
from typing import Any

from bugs import services

Api = Callable[..., Any]


def watchers_of(api: Api, bug_id: Any) -> set[str]:
    rows = api("carol").get(f"/api/v1/bugs/{bug_id}/watchers/").json()["results"]
    return {one["username"] for one in rows}


def test_asking_twice_watches_once(api: Api, bug: Any) -> None:
    carol = api("carol")
    for _ in range(2):
        answer = carol.post(f"/api/v1/bugs/{bug.pk}/watch/")
        assert (answer.status_code, answer.json()) == (200, {"watching": True})
    assert watchers_of(api, bug.pk) == {"carol"}


def test_one_can_stop_watching(api: Api, bug: Any) -> None:
    carol = api("carol")
    carol.post(f"/api/v1/bugs/{bug.pk}/watch/")
    for _ in range(2):
        assert carol.delete(f"/api/v1/bugs/{bug.pk}/watch/").status_code == 204
    assert watchers_of(api, bug.pk) == set()


def test_reporter_and_assignee_watch_by_themselves(web: Any, api: Api, as_principal: Any, people_of_web: Any) -> None:
    bug = services.report(
        project_id=web.pk, by=as_principal("bob"), title="Checkout fails", assignee=people_of_web["alice"]
    )
    assert watchers_of(api, bug.pk) == {"bob", "alice"}


def test_whoever_gets_a_bug_watches_it(api: Api, bug: Any) -> None:
    api("bob").post(f"/api/v1/bugs/{bug.pk}/assign/", {"assignee": "alice"})
    assert watchers_of(api, bug.pk) == {"alice"}


def test_outsiders_neither_watch_nor_see_who_does(api: Api, bug: Any) -> None:
    mallory = api("mallory")
    assert mallory.post(f"/api/v1/bugs/{bug.pk}/watch/").status_code in (403, 404)
    assert mallory.get(f"/api/v1/bugs/{bug.pk}/watchers/").status_code in (403, 404)


def test_a_key_that_only_reads_does_not_watch(api: Api, bug: Any) -> None:
    assert api("carol", permissions=("read",)).post(f"/api/v1/bugs/{bug.pk}/watch/").status_code == 403
