"""BugDetailResponse: a bug with its parts, and choosing what to see of it."""

import pytest

from audit.actors import SYSTEM
from bugs import services
from bugs.selectors import BUG_FIELDS
from bugs.selectors.parts import PARTS, SHOWN
from bugs.services import comments

URL = "/api/v1/bugs/"


def test_the_detail_has_every_field_and_six_parts(api, bug):
    body = api("carol").get(f"{URL}{bug.pk}/").json()

    assert tuple(body) == (*BUG_FIELDS, *PARTS)
    assert set(PARTS) == {"comments", "attachments", "lifecycle", "error_context", "related", "analytics"}
    assert [event["type"] for event in body["lifecycle"]["results"]] == ["bug.created"]


def test_a_part_shows_the_newest_and_says_where_the_rest_is(api, bug, as_principal):
    for number in range(SHOWN + 1):
        comments.add(bug.pk, body=f"number {number}", by=as_principal("bob"))
    client = api("carol")
    part = client.get(f"{URL}{bug.pk}/").json()["comments"]

    assert [one["body"] for one in part["results"]] == [f"number {number}" for number in range(SHOWN, 0, -1)]
    assert part["has_more"] is True
    assert len(client.get(part["url"]).json()["results"]) == SHOWN + 1


def test_every_part_links_to_its_own_list(api, bug):
    client = api("carol")
    body = client.get(f"{URL}{bug.pk}/").json()
    for name in PARTS:
        if "url" in body[name]:
            assert client.get(body[name]["url"]).status_code == 200, name


def test_internal_comments_show_only_to_those_who_work_on_it(api, bug, as_principal):
    comments.add(bug.pk, body="not for all", is_internal=True, by=as_principal("bob"))
    assert api("carol").get(f"{URL}{bug.pk}/").json()["comments"]["results"] == []
    assert len(api("bob").get(f"{URL}{bug.pk}/").json()["comments"]["results"]) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields=title", {"title"}),
        ("fields=title,reference", {"title", "reference"}),
        ("fields=title&fields=assignee", {"title", "assignee"}),
        ("fields=title&expand=comments", {"title", "comments"}),
        ("fields=merged_into,due_on", {"merged_into", "due_on"}),
        ("fields=&expand=lifecycle", {"lifecycle"}),
    ],
)
def test_choosing_fields(api, bug, query, expected):
    client = api("carol")
    assert set(client.get(f"{URL}WEB-1/?{query}").json()) == expected
    assert set(client.get(f"{URL}?{query}").json()["results"][0]) == expected


def test_expand_narrows_the_parts(api, bug):
    client = api("carol")
    assert set(client.get(f"{URL}{bug.pk}/?expand=comments,related").json()) == {*BUG_FIELDS, "comments", "related"}
    assert set(client.get(f"{URL}{bug.pk}/?expand=").json()) == set(BUG_FIELDS)


@pytest.mark.parametrize(
    ("query", "code", "hint"),
    [
        ("fields=titel", "unknown_fields", "title"),
        ("fields=deleted_at", "unknown_fields", ""),
        ("fields=words", "unknown_fields", ""),
        ("expand=comment", "unknown_expand", "comments"),
        ("expand=comments.author", "unknown_expand", ""),
    ],
)
def test_what_cannot_be_chosen(api, bug, query, code, hint):
    client = api("carol")
    for path in ("", f"{bug.pk}/"):
        answer = client.get(f"{URL}{path}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert hint in answer.json()["detail"] and answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


def test_a_list_shows_the_parts_of_each_bug(api, bug, web, as_principal):
    other = services.report(project_id=web.pk, by=SYSTEM, title="Another")
    comments.add(bug.pk, body="of the first", by=as_principal("bob"))
    rows = api("carol").get(f"{URL}?expand=comments,analytics").json()["results"]

    assert [row["id"] for row in rows] == [str(other.pk), str(bug.pk)]
    assert [len(row["comments"]["results"]) for row in rows] == [0, 1]
    assert "analytics" in rows[0] and "related" not in rows[0]


def test_a_page_with_parts_has_fifty_bugs_at_most(api, bug):
    client = api("carol")
    assert client.get(f"{URL}?expand=comments&limit=50").status_code == 200
    answer = client.get(f"{URL}?expand=comments&limit=51")
    assert (answer.status_code, answer.json()["code"]) == (400, "expand_limit")
    assert client.get(f"{URL}?limit=51").status_code == 200


def test_a_list_reads_only_the_columns_asked_for(api, bug):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = api("carol")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{URL}?fields=title")
    (statement,) = [query["sql"] for query in queries if "row_to_json" in query["sql"]]
    assert "description" not in statement and "bugs_user" not in statement


@pytest.mark.parametrize("order", ["-deleted_at", "words", "title", "", "-", "created_at,id", "project__key"])
def test_ordering_by_what_is_hidden_is_refused(api, bug, order):
    answer = api("carol").get(f"{URL}?ordering={order}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_ordering")
    assert "-created_at" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["WEB-2", "WEB-", "-1", "WEB-1x", "nothing", "NONE-1", "WEB-9999999999"])
def test_what_is_not_there(api, bug, name):
    assert api("carol").get(f"{URL}{name}/").status_code == 404


def test_the_detail_of_others_is_missing(api, bug, web, join):
    assert api("mallory").get(f"{URL}{bug.pk}/").status_code in (403, 404)


def test_history_is_paged(api, bug):
    client = api("bob")
    for to in ("triaged", "in_progress"):
        client.post(f"{URL}{bug.pk}/status/", {"to": to})
    url, seen = f"{URL}{bug.pk}/events/?limit=2", []
    while url:
        page = client.get(url).json()
        seen += [event["type"] for event in page["results"]]
        url = page["next"]
    assert seen == ["bug.status_changed", "bug.status_changed", "bug.created"]
