"""`GET /rate-limit/`: what is left, for free, also when nothing is."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from apikeys.limits import costs

HERE = "/api/v1/rate-limit/"
Api = Callable[..., Any]


def test_it_says_what_is_left(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_minute": 500, "requests_per_hour": 10})
    client.get("/api/v1/bugs/")
    body = client.get(HERE).json()
    assert (body["allowed"], body["remaining"], body["retry_after"]) == (True, 9, None)
    assert [(one["name"], one["limit"], one["seconds"]) for one in body["windows"]] == [
        ("minute", 500, 60),
        ("hour", 10, 3600),
        ("day", 200_000, 86400),
    ]


def test_it_costs_nothing(api: Api, web: Any) -> None:
    client = api("carol")
    assert [client.get(HERE).json()["windows"][2]["remaining"] for _ in range(3)] == [200_000] * 3


def test_it_is_answered_when_nothing_is_left(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_hour": 1})
    client.get("/api/v1/bugs/")
    answer = client.get(HERE)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["allowed"], body["remaining"]) == (False, 0)
    assert f'"hour";r=0;t={body["retry_after"]}' in answer["RateLimit"]
    assert body["reset_time"] == body["windows"][1]["reset_time"]


def test_times_are_those_of_rfc_3339_and_windows_begin_at_them(api: Api, web: Any) -> None:
    for one in api("carol").get(HERE).json()["windows"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one["reset_time"])
        assert datetime.fromisoformat(one["reset_time"]).astimezone(UTC).timestamp() % one["seconds"] == 0


def test_an_endpoint_is_told_with_its_cost(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_hour": 12})
    body = client.get(f"{HERE}?endpoint=bugs_search_list").json()
    assert (body["endpoint"], body["cost"], body["remaining"]) == ("bugs_search_list", 5, 2)


def test_what_the_rest_is_too_small_for_is_not_allowed(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_hour": 8})
    client.get("/api/v1/bugs/search/?q=a")
    search = client.get(f"{HERE}?endpoint=bugs_search_list").json()
    usual = client.get(HERE).json()
    assert (search["allowed"], search["remaining"], usual["allowed"]) == (False, 0, True)
    assert search["retry_after"] > 0


def test_a_key_with_a_small_limit_can_still_call_what_costs_more(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_hour": 3})
    body = client.get(f"{HERE}?endpoint=bugs_search_list").json()
    assert (body["allowed"], body["remaining"]) == (True, 1)


@pytest.mark.parametrize("name", ["bugs_serch_list", "x" * 81, "bugs_*"])
def test_an_unknown_endpoint_is_a_mistake(api: Api, web: Any, name: str) -> None:
    answer = api("carol").get(f"{HERE}?endpoint={name}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/endpoint")


def test_a_near_name_is_offered(api: Api, web: Any) -> None:
    assert "bugs_search_list" in api("carol").get(f"{HERE}?endpoint=bugs_serch_list").json()["detail"]


def test_every_operation_can_be_asked_for() -> None:
    known = costs.by_operation()
    assert {"bugs_list", "exports_create", "rate_limit_retrieve", "stream_connect"} <= set(known)
    assert (known["bugs_list"], known["exports_create"], known["rate_limit_retrieve"]) == (1, 20, 0)


def test_nobody_has_no_limits(api: Api, db: None) -> None:
    assert api().get(HERE).status_code == 401
