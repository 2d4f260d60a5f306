"""Releases and the commits that they are made of: who names them, who takes what waits, and who may."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from audit.actors import SYSTEM
from audit.models import Event
from bugs import commits as bounds
from bugs import people
from bugs.commits import Commit
from bugs.ingest.digest import sessions
from bugs.models import CodeChange, Release
from bugs.services import releases
from tests.bugs.releases.conftest import item, session

API = "/api/v1/"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def push(web: Any, *names: str) -> int:
    commits = [Commit(name, committed_at=BEGUN + timedelta(hours=n)) for n, name in enumerate(names)]
    return releases.push(web.pk, commits=commits, by=SYSTEM)


def commits_of(version: str | None) -> set[str]:
    changes = (
        CodeChange.objects.filter(release__version=version) if version else CodeChange.objects.filter(release=None)
    )
    return set(changes.values_list("commit", flat=True))


def publish(web: Any, version: str, *names: str, **more: Any) -> bool:
    return releases.publish(
        project_id=web.pk, version=version, commits=[Commit(name) for name in names], by=SYSTEM, **more
    )[1]


@pytest.fixture
def new() -> dict[str, Any]:
    return {
        "project": "WEB",
        "version": "1.0",
        "released_at": "2026-01-02T03:04:05Z",
        "commits": [
            {"commit": "A1B2", "message": "Pay", "author": "ann", "files": ["shop/pay.py", "shop/pay.py"]},
            {"id": "c3d4", "committed_at": "2026-01-01T00:00:00Z"},
        ],
    }


def test_a_release_is_told_with_its_commits(api: Any, web: Any, new: dict[str, Any]) -> None:
    answer = api("bob").post(f"{API}releases/", new)
    assert (answer.status_code, answer["Location"].endswith(f"/releases/{answer.json()['id']}/")) == (201, True)
    read = api("carol").get(answer["Location"]).json()
    assert (read["version"], read["released_at"]) == ("1.0", "2026-01-02T03:04:05+00:00")
    assert [change["commit"] for change in read["changes"]] == ["c3d4", "a1b2"]
    assert read["changes"][1] == {
        "commit": "a1b2",
        "message": "Pay",
        "author": "ann",
        "files": ["shop/pay.py"],
        "committed_at": None,
    }


def test_told_again_a_release_gets_what_it_does_not_have(api: Any, web: Any, new: dict[str, Any]) -> None:
    client = api("bob")
    first = client.post(f"{API}releases/", new)
    again = client.post(f"{API}releases/", new)
    assert (again.status_code, again.json()) == (200, first.json())
    more = client.post(f"{API}releases/", {"project": "WEB", "version": "1.0", "commits": [{"id": "e5f6"}]})
    assert more.status_code == 200 and commits_of("1.0") == {"a1b2", "c3d4", "e5f6"}
    told = Event.objects.filter(subject=f"release:{first.json()['id']}").order_by("seq").values_list("type", "data")
    assert [(kind, data["commits"]) for kind, data in told] == [("release.created", 2), ("release.updated", 1)]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"version": ""}, "/version"),
        ({"version": "v" * 201}, "/version"),
        ({"project": "NONE"}, "/project"),
        ({"released_at": "0001-01-01T00:00:00Z"}, "/released_at"),
        ({"commits": [{}]}, "/commits/0/commit"),
        ({"commits": [{"id": "a", "commit": "b"}]}, "/commits/0/commit"),
        ({"commits": [{"id": "x" * 65}]}, "/commits/0/id"),
        ({"commits": [{"id": "a", "files": [7.5, {}]}]}, "/commits/0/files/1"),
        ({"commits": [{"id": "a", "committed_at": "9999-12-31T23:59:59-10:00"}]}, "/commits/0/committed_at"),
        ({"commits": [{"id": str(n)} for n in range(bounds.NAMED_MAX + 1)]}, "/commits"),
        ({"owner": "bob"}, "/owner"),
    ],
)
def test_wrong_releases_are_refused(
    api: Any, web: Any, new: dict[str, Any], change: dict[str, Any], pointer: str
) -> None:
    answer = api("bob").post(f"{API}releases/", new | change)
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == pointer, answer.content
    assert not Release.objects.exists()


def test_the_files_of_a_commit_are_cut(api: Any, web: Any) -> None:
    files = [f"f/{n}" for n in range(bounds.FILES_MAX + 5)]
    body = {"project": "WEB", "version": "1.0", "commits": [{"id": "a1", "files": ["x" * 401, *files]}]}
    assert api("bob").post(f"{API}releases/", body).status_code == 201
    assert CodeChange.objects.get().files == files[: bounds.FILES_MAX - 1]


def test_a_rehearsal_leaves_nothing(api: Any, web: Any, new: dict[str, Any]) -> None:
    assert api("bob").post(f"{API}releases/?dry_run=true", new).status_code == 201
    assert not Release.objects.exists() and not CodeChange.objects.exists()


def test_when_it_was_released_can_be_said_later(api: Any, web: Any, new: dict[str, Any]) -> None:
    client = api("bob")
    url = f"{API}releases/{client.post(f'{API}releases/', new).json()['id']}/"
    assert client.patch(url, {"released_at": None}).json()["released_at"] is None
    said = client.patch(url, {"released_at": "2026-02-01T01:00:00+01:00"}).json()["released_at"]
    assert said == "2026-02-01T00:00:00+00:00"
    assert client.patch(url, {}).status_code == 400
    assert client.patch(f"{API}releases/{uuid4()}/", {"released_at": None}).status_code == 404
    assert client.patch(f"{API}releases/1.0/", {"released_at": None}).status_code == 404


def test_who_only_reads_tells_of_no_release(api: Any, web: Any, new: dict[str, Any]) -> None:
    made = api("bob").post(f"{API}releases/", new).json()
    for client in (api("carol"), api("bob", permissions=["read"])):
        assert client.post(f"{API}releases/", new).status_code == 403
        assert client.patch(f"{API}releases/{made['id']}/", {"released_at": None}).status_code == 403


def test_to_a_stranger_there_is_no_such_project(api: Any, web: Any, new: dict[str, Any], people_of_web: Any) -> None:
    own = people.make_project(key="OWN", name="Mallory's", by=SYSTEM)
    people.join(project=own, user=people_of_web["mallory"], role="admin", by=SYSTEM)  # type: ignore[arg-type]
    client = api("mallory")
    there, nowhere = (client.post(f"{API}releases/", new | {"project": key}).json() for key in ("WEB", "NONE"))
    assert there | {"request_id": ""} == nowhere | {"request_id": ""}


def test_pushed_commits_wait_and_are_there_once(web: Any) -> None:
    assert (push(web, "a", "b"), push(web, "b", "c")) == (2, 1)
    assert commits_of(None) == {"a", "b", "c"}


def test_the_oldest_of_too_many_that_wait_are_forgotten(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "WAITING_MAX", 3)
    push(web, "a", "b")
    push(web, "c", "d", "e")
    assert commits_of(None) == {"c", "d", "e"}


def test_a_new_release_takes_everything_that_waits(web: Any) -> None:
    push(web, "a", "b")
    publish(web, "1.0")
    push(web, "c")
    publish(web, "1.0")  # told again it takes nothing more
    assert (commits_of("1.0"), commits_of(None)) == ({"a", "b"}, {"c"})


def test_a_release_that_a_program_names_first_takes_everything_that_waits(web: Any, say: Any, crash: Any) -> None:
    push(web, "a")
    say(session(release="1.0"))
    push(web, "b")
    crash(release="1.1")
    push(web, "c")
    crash(release="1.1")
    assert (commits_of("1.0"), commits_of("1.1"), commits_of(None)) == ({"a"}, {"b"}, {"c"})
    created = Event.objects.filter(type="release.created").order_by("seq")
    assert [(event.actor, event.data["commits"]) for event in created] == [("system", 1), ("system", 1)]


def test_a_release_with_a_head_takes_what_waits_up_to_it(web: Any) -> None:
    push(web, "a", "b", "c")
    publish(web, "1.0", commit="b")
    assert (commits_of("1.0"), commits_of(None)) == ({"a", "b"}, {"c"})


def test_a_release_whose_head_comes_later_takes_it_then(web: Any) -> None:
    push(web, "a")
    publish(web, "1.0", commit="c")
    assert commits_of("1.0") == set()
    push(web, "b", "c", "d")
    assert (commits_of("1.0"), commits_of(None)) == ({"a", "b", "c"}, {"d"})


def test_a_release_that_names_its_commits_takes_no_others(web: Any) -> None:
    push(web, "a", "b")
    publish(web, "1.0", "b", "x", commit="b")
    assert (commits_of("1.0"), commits_of(None)) == ({"b", "x"}, {"a"})


def test_whoever_names_a_commit_has_it_and_keeps_it(web: Any) -> None:
    push(web, "a")
    publish(web, "canary")  # took it without naming it
    publish(web, "1.0", "a")
    publish(web, "1.1", "a", "b")
    assert (commits_of("canary"), commits_of("1.0"), commits_of("1.1")) == (set(), {"a"}, {"b"})


def test_what_is_missing_of_a_commit_is_filled_in(web: Any) -> None:
    publish(web, "1.0", "a")
    releases.push(web.pk, commits=[Commit("a", "Pay", "ann", ("shop/pay.py",), BEGUN)], by=SYSTEM)
    kept = CodeChange.objects.get()
    assert (kept.message, kept.author, kept.files, kept.committed_at) == ("Pay", "ann", ["shop/pay.py"], BEGUN)
    assert kept.release is not None and kept.release.version == "1.0"


def test_commits_of_another_project_are_other_commits(web: Any) -> None:
    app = people.make_project(key="APP", name="Application", by=SYSTEM)
    push(web, "a")
    push(app, "a")
    publish(web, "1.0")
    assert CodeChange.objects.filter(release=None).get().project == app


def test_whoever_names_a_release_at_once_gets_one_release(transactional_db: None, web: Any) -> None:
    push(web, "a")
    faults: list[Exception] = []
    writers = [
        lambda name: publish(web, name),
        lambda name: push(web, f"after-{name}"),
        lambda name: sessions.keep(web.pk, [item(session(release=name))]),
    ]

    def work(write: Any) -> None:
        try:
            for number in range(10):
                write(f"1.{number}")
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[write]) for write in writers * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and Release.objects.count() == 10
    assert Event.objects.filter(type="release.created").count() == 10
    assert CodeChange.objects.count() == 11
