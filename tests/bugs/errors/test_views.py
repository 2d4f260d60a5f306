"""Errors over REST: what is found, what is refused, and what does not exist for outsiders."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import services
from bugs.models import Bug, CodeChange, ErrorGroup, ErrorReport, Release, Session
from bugs.selectors import errors

API = "/api/v1/"


def messages(response):
    assert response.status_code == 200, response.content
    return [report["tags"]["n"] for report in response.json()["results"]]


def test_the_reports_of_a_bug_by_pages_in_both_directions(api, crash):
    for number in range(5):
        crash(tags={"n": number})
    client = api("carol")
    first = client.get(f"{API}bugs/WEB-1/errors/?limit=2")
    assert messages(first) == ["4", "3"]
    second = client.get(first.json()["next"])
    assert messages(second) == ["2", "1"]
    third = client.get(second.json()["next"])
    assert messages(third) == ["0"] and third.json()["next"] is None
    assert messages(client.get(third.json()["previous"])) == ["2", "1"]
    back = client.get(second.json()["previous"])
    assert messages(back) == ["4", "3"] and back.json()["previous"] is None


def test_a_report_is_the_whole_enhanced_error_report(api, crash):
    crumbs = [{"category": "ui.click", "message": "pay"}, {"type": "http", "data": {"status_code": 401}}]
    crash(breadcrumbs=crumbs, tags={"session_id": "s-1"}, user={"id": "ann"}, release="1.0")
    client = api("carol")
    (listed,) = client.get(f"{API}errors/").json()["results"]
    read = client.get(f"{API}errors/{listed['id']}/").json()
    assert read == listed
    assert read["user_actions"] and read["api_failures"] and read["auth_errors"] and read["user_key"]
    assert (read["session_id"], read["release"], read["project"]) == ("s-1", "1.0", "WEB")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["3", "2", "1", "0"]),
        ("level=warning", ["1"]),
        ("level=warning&level=fatal", ["2", "1"]),
        ("component=cart", ["0"]),
        ("environment=prod", ["0"]),
        ("release=1.0", ["0"]),
        ("session=s-1", ["3"]),
        ("project=WEB", ["3", "2", "1", "0"]),
        ("project=NONE", []),
        ("occurred_after=2020-01-01T00:00:00Z", ["3", "2", "1", "0"]),
        ("occurred_before=2020-01-01T00:00:00Z", []),
    ],
)
def test_filters(api, crash, query, expected):
    crash(tags={"n": 0, "component": "cart"}, environment="prod", release="1.0")
    crash(tags={"n": 1}, level="warning")
    crash(tags={"n": 2}, level="fatal")
    crash(tags={"n": 3, "session_id": "s-1"})
    assert messages(api("carol").get(f"{API}errors/?{query}")) == expected


def test_the_time_it_happened_counts_and_not_when_it_came(api, crash):
    now = timezone.now()
    for hours in (5, 1, 3):
        crash(tags={"n": hours}, at=now - timedelta(hours=hours))
    after, before = ((now - timedelta(hours=hours)).isoformat() for hours in (4, 2))
    query = f"occurred_after={quote(after)}&occurred_before={quote(before)}"
    assert messages(api("carol").get(f"{API}errors/?{query}")) == ["3"]


def test_a_page_of_a_rare_filter_gives_up_and_goes_on(api, crash, monkeypatch):
    monkeypatch.setattr(errors, "SCAN_MAX", 2)
    crash(tags={"n": 0}, level="fatal")
    for number in range(1, 6):
        crash(tags={"n": number})
    client, url, pages = api("carol"), f"{API}errors/?level=fatal", []
    while url:
        page = client.get(url)
        pages.append(messages(page))
        url = page.json()["next"]
    assert pages == [[], [], ["0"], []] or pages == [[], [], ["0"]]


def test_errors_of_several_projects_are_one_list(api, crash, app, join, people_of_web):
    from bugs import people

    people.join(project=app, user=people_of_web["carol"], role="viewer", by=SYSTEM)
    crash(tags={"n": 0})
    crash(tags={"n": 1}, project=app)
    crash(tags={"n": 2})
    client = api("carol")
    assert messages(client.get(f"{API}errors/?level=error")) == ["2", "1", "0"]
    assert [group["project"] for group in client.get(f"{API}error-groups/").json()["results"]] == ["WEB", "APP"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("levle=error", "unknown_parameter"),
        ("level=loud", "invalid"),
        ("group=5", "invalid"),
        ("occurred_after=yesterday", "invalid"),
        ("release=" + "x" * 201, "invalid"),
        ("component=%00", "invalid"),
        ("limit=0", "invalid_limit"),
        ("limit=201", "invalid_limit"),
        ("cursor=x", "invalid_cursor"),
    ],
)
def test_wrong_parameters_are_refused(api, web, query, code):
    response = api("carol").get(f"{API}errors/?{query}")
    assert (response.status_code, response.json()["code"]) == (400, code), response.content


def test_a_cursor_is_of_its_own_filter(api, crash):
    for _ in range(2):
        crash()
    client = api("carol")
    cursor = client.get(f"{API}errors/?limit=1").json()["next"].partition("cursor=")[2]
    assert client.get(f"{API}errors/?level=error&cursor={cursor}").json()["code"] == "invalid_cursor"


def test_groups_are_listed_by_when_they_were_seen_last(api, crash):
    now = timezone.now()
    for hours, kind in ((1, "A"), (3, "B"), (2, "C")):
        crash(kind, at=now - timedelta(hours=hours))
    client = api("carol")
    first = client.get(f"{API}error-groups/?limit=2").json()
    assert [group["title"] for group in first["results"]] == ["A: bad", "C: bad"]
    second = client.get(first["next"]).json()
    assert [group["title"] for group in second["results"]] == ["B: bad"]
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_a_group_and_its_reports(api, crash):
    crash(tags={"n": 0})
    crash("Other", tags={"n": 1})
    group = ErrorGroup.objects.get(title="ValueError: bad")
    client = api("carol")
    read = client.get(f"{API}error-groups/{group.pk}/").json()
    assert (read["bug"], read["reports"], read["level"]) == ("WEB-1", 1, "error")
    assert messages(client.get(f"{API}error-groups/{group.pk}/errors/")) == ["0"]
    assert client.get(f"{API}error-groups/?level=fatal").json()["results"] == []


def test_the_groups_of_a_bug(api, crash):
    crash()
    crash("Other")
    (group,) = api("carol").get(f"{API}bugs/WEB-1/error-groups/").json()["results"]
    assert group["title"] == "ValueError: bad"


def test_the_bug_of_a_group_is_not_named_when_it_was_deleted(api, crash):
    crash()
    services.delete(Bug.objects.get().pk, by=SYSTEM)
    (group,) = api("carol").get(f"{API}error-groups/").json()["results"]
    assert group["bug"] is None and group["bug_id"] is None


def test_releases_with_their_commits(api, crash):
    crash(release="1.0")
    release = Release.objects.get()
    CodeChange.objects.create(
        project=release.project, release=release, commit="abc", files=["shop/pay.py"], message="Pay"
    )
    client = api("carol")
    assert [row["version"] for row in client.get(f"{API}releases/").json()["results"]] == ["1.0"]
    for name in ("1.0", release.pk):
        read = client.get(f"{API}releases/{name}/").json()
        assert read["changes"][0]["files"] == ["shop/pay.py"], read


def test_nothing_exists_for_an_outsider(api, crash):
    crash(tags={"session_id": "s-1"}, release="1.0")
    report, group = ErrorReport.objects.get(), ErrorGroup.objects.get()
    client = api("mallory")
    for path in (
        *("bugs/WEB-1/errors/", "bugs/WEB-1/error-groups/", "bugs/WEB-1/timeline/"),
        *(f"errors/{report.pk}/", f"error-groups/{group.pk}/", f"error-groups/{group.pk}/errors/"),
        *("sessions/s-1/", f"sessions/{Session.objects.get().pk}/", "releases/1.0/"),
    ):
        assert client.get(API + path).status_code in (403, 404), path
    for path in ("errors/", "error-groups/", "releases/"):
        response = client.get(API + path)
        assert response.status_code == 403 or response.json()["results"] == [], path


@pytest.mark.parametrize(
    "path", ["errors/x" + "0" * 31, "errors/" + "0" * 32, "error-groups/" + "0" * 32, "sessions/x"]
)
def test_what_is_missing_is_a_404(api, web, path):
    assert api("carol").get(f"{API}{path}/").status_code == 404


def test_a_key_that_may_only_write_reads_no_errors(api, crash):
    crash()
    client = api("bob", permissions=["write"])
    assert client.get(f"{API}errors/").status_code == 403
