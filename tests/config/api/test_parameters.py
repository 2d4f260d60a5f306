"""No operation takes a parameter that its description does not name."""

import pytest

from config.api.pagination import COUNT_MAX

URL = "/api/v1/bugs/"


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("get", "", "statuss=new"),
        ("get", "{bug}/", "limit=3"),
        ("get", "{bug}/", "status=new"),
        ("get", "{bug}/events/", "status=new"),
        ("post", "", "limit=3"),
        ("post", "{bug}/status/", "to=closed"),
        ("patch", "{bug}/", "title=x"),
        ("delete", "{bug}/", "force=1"),
        ("head", "{bug}/", "x=1"),
    ],
)
def test_an_unknown_parameter_is_refused(api, bug, method, path, query):
    answer = getattr(api("alice"), method)(f"{URL}{path.format(bug=bug.pk)}?{query}")
    assert answer.status_code == 400
    if method != "head":
        assert answer.json()["code"] == "unknown_parameter"
        assert answer.json()["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


def test_the_nearest_parameter_is_suggested(api, bug):
    client = api("carol")
    assert "Did you mean expand?" in client.get(f"{URL}{bug.pk}/?expandd=comments").json()["detail"]
    assert "Did you mean severity?" in client.get(f"{URL}?severiti=high").json()["detail"]
    assert "Did you mean dry_run?" in api("bob").post(f"{URL}?dryrun=true", {}).json()["detail"]


def test_other_lists_take_pages_and_nothing_else(api, web):
    client = api("alice")
    for path in ("webhooks", "exports", "audit/events"):
        assert client.get(f"/api/v1/{path}/?limit=3").status_code == 200
        assert client.get(f"/api/v1/{path}/?statuss=new").json()["code"] == "unknown_parameter"
    assert client.get("/api/v1/api-keys/self/?limit=3").status_code == 400


def test_a_wrong_method_is_405_with_what_is_possible(api, bug):
    answer = api("bob").put(f"{URL}{bug.pk}/", {})
    assert answer.status_code == 405 and answer.json()["code"] == "method_not_allowed"
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}


def test_options_says_what_is_possible(api, bug):
    answer = api("carol").options(f"{URL}{bug.pk}/status/")
    assert answer.status_code == 204 and answer.content == b""
    assert set(answer["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_head_is_get_without_a_body(api, bug):
    client = api("carol")
    got, headed = client.get(f"{URL}{bug.pk}/"), client.head(f"{URL}{bug.pk}/")
    assert headed.status_code == 200 and headed["ETag"] == got["ETag"]


@pytest.mark.parametrize(("query", "expected"), [("", None), ("?count=none", None), ("?count=exact", (1, "exact"))])
def test_counts_on_request(api, bug, query, expected):
    body = api("carol").get(f"{URL}{query}").json()
    assert (body["count"], body["count_is"]) == expected if expected else "count" not in body


def test_an_exact_count_stops_somewhere(api, bug, monkeypatch):
    assert COUNT_MAX == 10_000
    monkeypatch.setattr("config.api.pagination.COUNT_MAX", 0)
    body = api("carol").get(f"{URL}?count=exact").json()
    assert (body["count"], body["count_is"]) == (0, "at_least")


def test_an_estimate_asks_the_planner(api, bug):
    body = api("carol").get(f"{URL}?count=estimate&status=new&severity=high").json()
    assert isinstance(body["count"], int) and body["count_is"] == "estimate"


def test_any_other_count_is_refused(api, bug):
    answer = api("carol").get(f"{URL}?count=all")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_count")


def test_a_cursor_serves_other_fields_and_no_other_filter(api, web):
    from audit.actors import SYSTEM
    from bugs import services

    for _ in range(3):
        services.report(project_id=web.pk, by=SYSTEM, title="A bug")
    client = api("carol")
    following = client.get(f"{URL}?limit=1").json()["next"]
    assert client.get(f"{following}&fields=title&count=exact").json()["results"] == [{"title": "A bug"}]
    assert client.get(f"{following}&status=new").json()["code"] == "invalid_cursor"
    assert api("bob").get(following).json()["code"] == "invalid_cursor"
    assert client.get(following.replace("cursor=", "cursor=x")).json()["code"] == "invalid_cursor"
