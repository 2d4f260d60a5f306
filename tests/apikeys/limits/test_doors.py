"""Limits at the doors of the API: every answer says what is left, whatever it is, and expensive calls cost more."""

import re
from collections.abc import Callable
from typing import Any

import pytest

BUGS = "/api/v1/bugs/"
POLICY = '"minute";q=600;w=60, "hour";q=20000;w=3600, "day";q=200000;w=86400'
LEFT = re.compile(r'"minute";r=(\d+);t=(\d+), "hour";r=(\d+);t=(\d+), "day";r=(\d+);t=(\d+)')
Api = Callable[..., Any]


def left(response: Any) -> int:
    """Of the day: in the middle of a test a minute may begin."""
    found = LEFT.fullmatch(response["RateLimit"])
    assert found, response["RateLimit"]
    return int(found[5])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", BUGS, None, 200),
        ("head", BUGS, None, 200),
        ("options", BUGS, None, 204),
        ("get", f"{BUGS}?nonsense=1", None, 400),
        ("get", f"{BUGS}WEB-999/", None, 404),
        ("put", BUGS, {}, 405),
        ("post", BUGS, {"project": "WEB", "title": "Slow"}, 201),
        ("post", f"{BUGS}?dry_run=true", {"project": "WEB", "title": "Slow"}, 201),
        ("post", BUGS, {}, 400),
        ("post", f"{BUGS}WEB-1/status/", {"to": "reopened"}, 409),
        ("get", "/api/v1/webhooks/", None, 403),
    ],
)
def test_every_answer_says_what_is_left(api: Api, bug: Any, method: str, path: str, body: Any, status: int) -> None:
    client = api("bob", permissions=("read", "write"))
    answer = getattr(client, method)(path, body)
    assert answer.status_code == status
    assert answer["RateLimit-Policy"] == POLICY
    assert left(answer) == 199_999


def test_an_answer_that_did_not_change_says_it_as_well(api: Api, bug: Any) -> None:
    client = api("bob")
    tag = client.get(f"{BUGS}WEB-1/")["ETag"]
    answer = client.get(f"{BUGS}WEB-1/", headers={"If-None-Match": tag})
    assert (answer.status_code, left(answer)) == (304, 199_998)


def test_a_repeated_answer_says_what_is_left_now(api: Api, web: Any) -> None:
    client = api("bob")
    answers = [
        client.post(BUGS, {"project": "WEB", "title": "Slow"}, headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert [left(answer) for answer in answers] == [199_999, 199_998]


def test_who_is_nobody_has_no_limits_to_be_told_of(api: Api, db: None) -> None:
    answer = api().get(BUGS)
    assert (answer.status_code, "RateLimit" in answer) == (401, False)


def test_limits_count_down_and_then_refuse(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_hour": 2})
    first, second, third = (client.get(BUGS) for _ in range(3))
    assert [one.status_code for one in (first, second, third)] == [200, 200, 429]
    assert '"hour";r=1;' in first["RateLimit"] and '"hour";r=0;' in third["RateLimit"]


def test_a_refusal_names_the_limit_and_until_when(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_hour": 1})
    client.get(BUGS)
    answer = client.get(BUGS)
    body = answer.json()
    assert (body["code"], body["violated-policies"]) == ("rate_limited", ["hour"])
    assert answer["Content-Type"] == "application/problem+json"
    assert f'"hour";r=0;t={answer["Retry-After"]}' in answer["RateLimit"]


def test_a_refused_write_changes_nothing(api: Api, bug: Any) -> None:
    client = api("bob", rate_limits={"requests_per_hour": 1})
    client.get(BUGS)
    assert client.post(f"{BUGS}WEB-1/status/", {"to": "triaged"}).status_code == 429
    bug.refresh_from_db()
    assert bug.status == "new"


def test_a_search_costs_five(api: Api, web: Any) -> None:
    assert left(api("carol").get("/api/v1/bugs/search/?q=checkout")) == 199_995


def test_what_costs_more_than_is_left_is_refused_and_the_rest_can_be_used(api: Api, web: Any) -> None:
    client = api("carol", rate_limits={"requests_per_hour": 7})
    codes = [client.get(path).status_code for path in ("/api/v1/bugs/search/?q=a", "/api/v1/bugs/search/?q=a", BUGS)]
    assert codes == [200, 429, 200]


def test_people_have_limits_too(people_of_web: dict[str, Any], client: Any, settings: Any) -> None:
    settings.PEOPLE_RATE_LIMITS = {**settings.PEOPLE_RATE_LIMITS, "requests_per_hour": 2}
    client.force_login(people_of_web["carol"], backend="django.contrib.auth.backends.ModelBackend")
    assert [client.get(BUGS).status_code for _ in range(3)] == [200, 200, 429]


def test_many_keys_of_one_person_share_the_limit_of_their_owner(api: Api, web: Any, settings: Any) -> None:
    settings.OWNER_RATE_LIMITS = {**settings.OWNER_RATE_LIMITS, "requests_per_hour": 3}
    answers = [api("carol").get(BUGS) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["violated-policies"] == ["owner-hour"]


def test_keys_of_different_people_do_not(api: Api, web: Any, settings: Any) -> None:
    settings.OWNER_RATE_LIMITS = {**settings.OWNER_RATE_LIMITS, "requests_per_hour": 1}
    assert [api(name).get(BUGS).status_code for name in ("carol", "bob", "alice")] == [200, 200, 200]
