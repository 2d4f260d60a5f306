"""Where a key may be: two headers, one at a time, never a URL; and what is told of one that is not valid."""

from typing import Any

import pytest

from apikeys import credentials, services, tokens
from apikeys.models import ApiKey
from audit.actors import SYSTEM

API = "/api/v1/"
_BODY = "bw_live_" + "ExampleOfAKeyThatNobodyHasEver"
KEY = _BODY + tokens._checksum(_BODY)


@pytest.mark.parametrize(
    ("authorizations", "api_keys", "found"),
    [
        ([], [], None),
        (["Bearer k"], [], "k"),
        (["bearer  k "], [], "k"),
        (["BEARER k"], ["k"], "k"),
        ([], ["k"], "k"),
        (["Basic dXNlcjpw"], [], None),
        (["Token k"], [], None),
        (["Basic dXNlcjpw"], ["k"], "k"),
        (["Bearer"], [], ""),
        (["Bearer k l"], [], "k l"),
    ],
)
def test_a_key_comes_in_one_of_two_headers(authorizations: list[str], api_keys: list[str], found: str | None) -> None:
    assert credentials.from_headers(authorizations, api_keys) == found


@pytest.mark.parametrize(
    ("authorizations", "api_keys"),
    [(["Bearer k"], ["l"]), (["Bearer k", "Bearer l"], []), ([], ["k", "l"]), (["Bearer "], ["k"])],
)
def test_two_that_differ_are_refused(authorizations: list[str], api_keys: list[str]) -> None:
    with pytest.raises(credentials.Misplaced) as refused:
        credentials.from_headers(authorizations, api_keys)
    assert refused.value.code == "two_credentials"


IN_URLS = [
    *("key=x", "api_key=x", "token=x", "access_token=x", "apikey=x", "X-API-Key=x", "API_KEY=", "limit=1&token=x"),
    *("api%5Fkey=x", "%61pi_key=x", "api+key=x&access%5ftoken=", f"q={KEY}", f"{KEY}=1", KEY, f"x=%62w_live_{KEY[8:]}"),
]


@pytest.mark.parametrize("query", IN_URLS)
def test_a_key_in_a_url_is_refused_and_never_repeated(api: Any, bug: Any, query: str) -> None:
    answer = api("carol").get(f"{API}bugs/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "key_in_url")
    assert KEY not in answer.content.decode() and KEY[:20] not in str(answer.headers)


def test_a_key_in_a_path_is_refused_and_never_repeated(api: Any, bug: Any) -> None:
    answer = api("carol").get(f"{API}releases/{KEY}/")
    assert (answer.status_code, answer.json()["code"]) == (400, "key_in_url")
    assert KEY not in answer.content.decode()


def test_a_key_in_a_url_does_not_sign_in(api: Any, key_of: Any, bug: Any) -> None:
    assert api().get(f"{API}bugs/?api_key={key_of('carol')}").status_code == 400


@pytest.mark.parametrize(
    "query", ["status=new", "q=key", "q=token:x", "q=monkey", "limit=1&ordering=-created_at", "q=bw_live_"]
)
def test_other_parameters_are_none_of_its_business(query: str) -> None:
    credentials.refuse_in_url("/api/v1/bugs/", query)


def test_two_keys_in_one_request_are_refused(api: Any, key_of: Any) -> None:
    answer = api("carol").get(f"{API}bugs/", HTTP_X_API_KEY=key_of("alice"))
    assert (answer.status_code, answer.json()["code"]) == (400, "two_credentials")


def test_the_same_key_twice_is_one(api: Any, key_of: Any, bug: Any) -> None:
    key = key_of("carol")
    assert api(key=key).get(f"{API}bugs/", HTTP_X_API_KEY=key).status_code == 200


def test_x_api_key_is_as_good(api: Any, key_of: Any, bug: Any) -> None:
    assert api().get(f"{API}bugs/", HTTP_X_API_KEY=key_of("carol")).status_code == 200


@pytest.mark.parametrize("header", ["Basic Zm9vOmJhcg==", "Token {}", "ApiKey {}", "{}", "Digest {}"])
def test_no_other_scheme_is_known(api: Any, key_of: Any, header: str) -> None:
    answer = api().get(f"{API}bugs/", HTTP_AUTHORIZATION=header.format(key_of("carol")))
    assert (answer.status_code, answer.json()["code"]) == (401, "no_credentials")


def test_beside_a_session_the_key_counts_and_needs_no_csrf_token(key_of: Any, people_of_web: Any) -> None:
    from rest_framework.test import APIClient

    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(people_of_web["carol"])
    body = {"project": "WEB", "title": "It broke"}
    assert browser.post(f"{API}bugs/", body).status_code == 403
    made = browser.post(f"{API}bugs/", body, HTTP_AUTHORIZATION=f"Bearer {key_of('bob')}")
    assert (made.status_code, made.json()["reporter"]) == (201, "bob")


def test_beside_a_session_a_bad_key_is_still_bad(people_of_web: Any) -> None:
    from rest_framework.test import APIClient

    browser = APIClient()
    browser.force_login(people_of_web["carol"])
    assert browser.get(f"{API}bugs/").status_code == 200
    assert browser.get(f"{API}bugs/", HTTP_AUTHORIZATION=f"Bearer {tokens.generate()}").status_code == 401


@pytest.fixture
def bad_keys(issue: Any, people_of_web: Any) -> dict[str, str]:
    """Everything that can be wrong with a key."""
    from django.utils import timezone

    keys = {"unknown": tokens.generate(), "mistyped": KEY[:-1] + ("0" if KEY[-1] != "0" else "1"), "junk": "junk"}
    for name in ("revoked", "expired", "elsewhere", "switched off"):
        key, secret = issue(
            "bob" if name == "switched off" else "alice", ip_whitelist=["192.0.2.7"] if name == "elsewhere" else ()
        )
        keys[name] = secret
        if name == "revoked":
            services.revoke(key.pk, by=SYSTEM)
        if name == "expired":
            ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    people_of_web["bob"].is_active = False
    people_of_web["bob"].save()
    return keys


def test_all_that_is_wrong_with_a_key_is_told_in_the_same_words(api: Any, bad_keys: dict[str, str]) -> None:
    said = {}
    for name, key in bad_keys.items():
        for again in range(2):
            answer = api(key=key).get(f"{API}bugs/")
            body = answer.json()
            body.pop("request_id")
            headers = {
                each: value for each, value in answer.headers.items() if each not in ("X-Request-ID", "Content-Length")
            }
            said[name, again] = answer.status_code, body, headers
    assert said["unknown", 0][0] == 401
    assert all(each == said["unknown", 0] for each in said.values()), said


def test_every_key_with_a_right_checksum_costs_the_same_queries(
    bad_keys: dict[str, str], django_assert_num_queries: Any
) -> None:
    from apikeys import authentication

    for name, key in bad_keys.items():
        with django_assert_num_queries(name not in ("mistyped", "junk")), pytest.raises(authentication.BadKey):
            authentication.principal_for_token(key, "203.0.113.9")
        with django_assert_num_queries(0), pytest.raises(authentication.BadKey):
            authentication.principal_for_token(key, "203.0.113.9")
