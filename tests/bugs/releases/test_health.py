"""How well releases do: tracked sessions and counted ones together, by an exact definition."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from bugs.selectors import health
from tests.bugs.releases.conftest import session

API = "/api/v1/"


def listed(client: Any, query: str = "") -> dict[str, Any]:
    return {row["version"]: row["health"] for row in client.get(f"{API}releases/?{query}").json()["results"]}


def test_a_release_is_as_healthy_as_its_sessions_and_users(api: Any, say: Any) -> None:
    say(
        session("a", did="ann", status="exited"),
        session("b", did="ann", status="crashed"),
        session("c", did="ben", status="exited", errors=1),
        session("d", did="cat", status="abnormal"),
        session("e", status="ok"),
    )
    figures = listed(api("carol"))["1.0"]
    assert figures == {
        "sessions": 5,
        "crashed": 1,
        "abnormal": 1,
        "errored": 1,
        "crash_free_sessions": 0.8,
        "users": 3,
        "crashed_users": 1,
        "crash_free_users": 0.666667,
        "complete": True,
    }


def test_counts_of_servers_count_as_sessions_without_users(api: Any, say: Any, count: Any) -> None:
    say(session("a", did="ann", status="exited"))
    count(exited=6, errored=1, crashed=2)
    figures = listed(api("carol"))["1.0"]
    assert (figures["sessions"], figures["crashed"], figures["crash_free_sessions"]) == (10, 2, 0.8)
    assert (figures["users"], figures["crash_free_users"]) == (1, 1.0)


def test_sessions_that_only_errors_named_say_nothing_of_health(api: Any, crash: Any) -> None:
    crash(tags={"session_id": "s-1"}, release="1.0", level="fatal")
    figures = listed(api("carol"))["1.0"]
    assert (figures["sessions"], figures["crash_free_sessions"], figures["crash_free_users"]) == (0, None, None)


def test_a_list_is_about_the_last_day_and_a_release_about_any_range(api: Any, say: Any) -> None:
    old = (timezone.now() - timedelta(hours=30)).isoformat()
    say(session("a", started=old, status="crashed"), session("b", status="exited"))
    client = api("carol")
    assert listed(client)["1.0"]["sessions"] == 1
    read = client.get(f"{API}releases/1.0/?from=-2d&interval=day").json()["health"]
    assert (read["sessions"], read["crashed"]) == (2, 1)


def test_environments_are_told_apart(api: Any, say: Any, count: Any) -> None:
    say(session("a", status="crashed"), session("b", environment="test", status="exited"))
    count(environment="test", exited=3)
    client = api("carol")
    assert listed(client, "environment=prod")["1.0"]["crash_free_sessions"] == 0.0
    read = client.get(f"{API}releases/1.0/?environment=test").json()["health"]
    assert (read["sessions"], read["crash_free_sessions"]) == (4, 1.0)


def test_adoption_is_the_part_of_the_projects_sessions_and_users(api: Any, say: Any, count: Any) -> None:
    say(
        session("a", did="ann", release="1.0"),
        session("b", did="ben", release="1.1"),
        session("c", did="ben", release="1.1"),
        session("d", did="cat", release="1.1"),
    )
    count(release="1.0", exited=4)
    read = api("carol").get(f"{API}releases/1.1/").json()["health"]
    assert read["adoption"] == {"sessions": 0.375, "users": 0.666667}


def test_points_add_up_to_the_whole(api: Any, say: Any, count: Any) -> None:
    now = timezone.now()
    for hours in range(5):
        at = now - timedelta(hours=hours)
        say(session(f"s-{hours}", did="ann", started=at.isoformat(), status="crashed" if hours == 2 else "exited"))
        count(at=at, exited=2)
    read = api("carol").get(f"{API}releases/1.0/").json()["health"]
    assert sum(point["sessions"] for point in read["points"]) == read["sessions"] == 15
    assert [point["crashed"] for point in read["points"] if point["crashed"]] == [1]
    assert [point["at"] for point in read["points"]] == sorted(point["at"] for point in read["points"])


def test_more_sessions_than_are_looked_at_are_said_to_be_more(
    api: Any, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(*(session(f"s-{number}") for number in range(4)))
    for bound, is_all in ((5, True), (4, False)):
        monkeypatch.setattr(health, "LISTED_MAX", bound)
        assert listed(api("carol"))["1.0"]["complete"] is is_all


def test_a_release_nobody_used_has_no_rate(api: Any, web: Any) -> None:
    api("bob").post(f"{API}releases/", {"project": "WEB", "version": "1.0"})
    read = api("carol").get(f"{API}releases/1.0/").json()["health"]
    assert (read["sessions"], read["crash_free_sessions"], read["complete"]) == (0, None, True)
    assert read["adoption"] == {"sessions": None, "users": None}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=never", "invalid_range"),
        ("from=now&to=-1d", "invalid_range"),
        ("from=-99999d&interval=hour", "invalid_range"),
        ("interval=week", "invalid"),
        ("environment=" + "x" * 65, "invalid"),
        ("form=-1d", "unknown_parameter"),
    ],
)
def test_wrong_ranges_are_refused(api: Any, say: Any, query: str, code: str) -> None:
    say(session())
    answer = api("carol").get(f"{API}releases/1.0/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_sessions_of_other_releases_are_not_looked_at(web: Any, say: Any, count: Any) -> None:
    """The index leads to those of the release; the plan reads no table from end to end."""
    say(*(session(f"s-{number}", release=f"1.{number % 50}") for number in range(1_000)))
    count(exited=1)
    asked = {"projects": [web.pk], "releases": ["1.7"], "environment": "", "limit": health.LISTED_MAX}
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bugs_session")
        cursor.execute(f"EXPLAIN {health._OF_EACH}", asked | {"start": now - timedelta(days=1), "end": now})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "bugs_session_release" in plan and "Seq Scan on bugs_session" not in plan, plan
