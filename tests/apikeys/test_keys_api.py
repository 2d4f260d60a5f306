"""Keys over REST: what can be asked for, what is shown, what is changed."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from apikeys import services
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from audit.models import Event

KEYS = "/api/v1/api-keys/"
FULL: dict[str, Any] = {
    "name": "nightly report",
    "permissions": ["read", "admin"],
    "role": "viewer",
    "projects": ["WEB"],
    "endpoints": ["bugs_list", "api_keys_*"],
    "ip_whitelist": ["127.0.0.1", "::ffff:10.0.0.0/104", "2001:DB8::/32"],
    "rate_limits": {"requests_per_minute": 60},
    "lifetime_days": 30,
}


def test_a_key_shows_all_that_it_was_made_with(api: Any) -> None:
    made = api("alice").post(KEYS, FULL)
    body = made.json()
    assert made.status_code == 201, body
    assert {name: body[name] for name in ("name", "role", "projects", "endpoints")} == {
        name: FULL[name] for name in ("name", "role", "projects", "endpoints")
    }
    assert body["permissions"] == ["admin", "read"] and body["status"] == "live"
    assert body["ip_whitelist"] == ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]
    assert body["rate_limits"] == {"requests_per_minute": 60, "requests_per_hour": 20_000, "requests_per_day": 200_000}
    assert (datetime.fromisoformat(body["expires_at"]) - timezone.now()).days == 29
    assert body["created_by"].startswith("key:") and body["key"].startswith("bw_live_")


def test_its_secret_is_shown_once_and_kept_nowhere(api: Any) -> None:
    client = api("alice")
    secret = client.post(KEYS, {"name": "one", "permissions": ["read"]}).json()["key"]
    rows = str(list(ApiKey.objects.values())) + str(list(Event.objects.values()))
    assert secret not in client.get(KEYS).content.decode() and secret not in rows


def test_a_key_lives_as_long_as_the_settings_say(api: Any, settings: Any) -> None:
    settings.API_KEY_LIFETIME_DAYS, settings.API_KEY_LIFETIME_MAX_DAYS = 10, 20
    client = api("alice", lifetime_days=400)
    made = client.post(KEYS, {"name": "one", "permissions": ["read"]}).json()
    assert (datetime.fromisoformat(made["expires_at"]) - timezone.now()).days == 9
    answer = client.post(KEYS, {"name": "one", "permissions": ["read"], "lifetime_days": 21})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (403, "/lifetime_days")


def test_a_viewer_manages_their_own_keys(api: Any) -> None:
    made = api("carol").post(KEYS, {"name": "one", "permissions": ["read"], "role": "viewer"})
    assert made.status_code == 201
    refused = api("carol").post(KEYS, {"name": "one", "permissions": ["read"], "role": "admin"})
    assert (refused.status_code, refused.json()["code"]) == (403, "more_than_you_have")


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("endpoints", ["bugs_lists"], "/endpoints", "unknown_operation"),
        ("endpoints", ["bugs_*"] * 101, "/endpoints", "max_length"),
        ("ip_whitelist", ["10.0.0.1/8"], "/ip_whitelist", "invalid_network"),
        ("ip_whitelist", ["fe80::1%eth0"], "/ip_whitelist", "invalid_network"),
        ("ip_whitelist", ["10.0.0.1"] * 51, "/ip_whitelist", "max_length"),
        ("role", "owner", "/role", "invalid_choice"),
        ("permissions", ["root"], "/permissions/0", "invalid_choice"),
        ("permissions", [], "/permissions", "min_length"),
        ("projects", ["NONE"], "/projects", "unknown_project"),
        ("rate_limits", {"requests_per_minute": 0}, "/rate_limits/requests_per_minute", "min_value"),
        ("lifetime_days", 0, "/lifetime_days", "min_value"),
        ("name", "", "/name", "blank"),
        ("ipWhitelist", [], "/ipWhitelist", "unknown_field"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(api: Any, field: str, value: Any, pointer: str, code: str) -> None:
    answer = api("alice").post(KEYS, {**FULL, field: value})
    error = answer.json()["errors"][0]
    assert answer.status_code == 400 and error["pointer"].startswith(pointer) and error["code"] == code, answer.json()


BOUND: dict[str, Any] = {
    "permissions": ("read", "admin"),
    "role": "triager",
    "endpoints": ["bugs_*", "api_keys_*"],
    "ip_whitelist": ["127.0.0.0/8"],
    "rate_limits": {"requests_per_minute": 100},
}


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"permissions": ["write"]}, "/permissions"),
        ({"role": ""}, "/role"),
        ({"role": "admin"}, "/role"),
        ({"endpoints": []}, "/endpoints"),
        ({"endpoints": ["*"]}, "/endpoints"),
        ({"endpoints": ["bugs_*", "exports_list"]}, "/endpoints"),
        ({"ip_whitelist": []}, "/ip_whitelist"),
        ({"ip_whitelist": ["0.0.0.0/0"]}, "/ip_whitelist"),
        ({"projects": []}, "/projects"),
        ({"rate_limits": {"requests_per_minute": 101}}, "/rate_limits/requests_per_minute"),
    ],
)
def test_a_bound_key_makes_no_key_that_goes_further(api: Any, web: Any, issue: Any, changed: Any, pointer: str) -> None:
    client = api(key=issue(**BOUND, project_ids=[web.pk])[1])
    answer = client.post(KEYS, {"name": "more", "permissions": ["read"], **changed})
    assert (answer.status_code, answer.json()["code"]) == (403, "more_than_you_have"), answer.json()
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_what_a_bound_key_leaves_out_is_as_it_has_it(api: Any, web: Any, issue: Any) -> None:
    row, secret = issue(**BOUND, project_ids=[web.pk], lifetime_days=5)
    made = api(key=secret).post(KEYS, {"name": "same", "permissions": ["read"]}).json()
    assert (made["role"], made["endpoints"], made["projects"]) == ("triager", BOUND["endpoints"], ["WEB"])
    assert (made["ip_whitelist"], made["rate_limits"]["requests_per_minute"]) == (["127.0.0.0/8"], 100)
    assert ApiKey.objects.get(pk=made["id"]).expires_at == row.expires_at


def test_a_person_gives_no_more_than_the_settings_allow(api: Any) -> None:
    limits = {"requests_per_minute": 6_001}
    answer = api("alice").post(KEYS, {"name": "one", "permissions": ["read"], "rate_limits": limits})
    assert (answer.status_code, answer.json()["code"]) == (403, "more_than_you_have")


def test_a_key_for_a_project_that_is_gone_is_not_one_for_all(api: Any, own: Any, issue: Any, bug: Any) -> None:
    secret = issue(project_ids=[own.pk])[1]
    own.delete()
    answer = api(key=secret).get("/api/v1/bugs/")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


def test_a_person_has_a_bounded_number_of_live_keys(api: Any, issue: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "LIVE_MAX", 2)
    client = api("alice")
    first = client.post(KEYS, {"name": "one", "permissions": ["read"]}).json()
    answer = client.post(KEYS, {"name": "two", "permissions": ["read"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")
    client.post(f"{KEYS}{first['id']}/revoke/")
    assert client.post(KEYS, {"name": "two", "permissions": ["read"]}).status_code == 201


def test_a_change_is_an_event_that_names_its_fields(api: Any) -> None:
    client = api("alice")
    made = client.post(KEYS, FULL).json()
    changes = {"name": "other", "endpoints": ["bugs_*"], "ip_whitelist": [], "rate_limits": {"requests_per_day": 5}}
    changed = client.patch(f"{KEYS}{made['id']}/", changes).json()
    assert (changed["name"], changed["endpoints"], changed["ip_whitelist"]) == ("other", ["bugs_*"], [])
    assert changed["rate_limits"] == {"requests_per_minute": 60, "requests_per_hour": 20_000, "requests_per_day": 5}
    assert (changed["role"], changed["projects"]) == ("viewer", ["WEB"])
    event = Event.objects.get(type="api_key.updated")
    assert event.data["fields"] == sorted(changes)


@pytest.mark.parametrize("field", ["permissions", "role", "projects", "expires_at", "owner", "revoked_at"])
def test_what_a_key_may_is_not_changed(api: Any, field: str) -> None:
    client = api("alice")
    made = client.post(KEYS, FULL).json()
    assert client.patch(f"{KEYS}{made['id']}/", {field: ["read"]}).status_code == 400


def test_a_bound_key_changes_no_stronger_key(api: Any, web: Any, issue: Any) -> None:
    strong, _ = issue(ip_whitelist=["192.0.2.7"])
    client = api(key=issue(**BOUND, project_ids=[web.pk])[1])
    for body in ({"ip_whitelist": ["127.0.0.1"]}, {"name": "mine"}, {"endpoints": ["bugs_list"]}):
        assert client.patch(f"{KEYS}{strong.pk}/", body).status_code == 403
    assert client.post(f"{KEYS}{strong.pk}/rotate/").status_code == 403


def test_an_ended_key_is_not_changed(api: Any, issue: Any) -> None:
    row, _ = issue()
    services.revoke(row.pk, by=SYSTEM)
    answer = api("alice").patch(f"{KEYS}{row.pk}/", {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "key_ended")


def test_keys_of_others_are_not_there(api: Any, issue: Any) -> None:
    row, _ = issue("bob")
    client = api("alice")
    for method, path in (("get", ""), ("patch", ""), ("post", "rotate/"), ("post", "revoke/"), ("post", "why/")):
        assert getattr(client, method)(f"{KEYS}{row.pk}/{path}", {}).status_code == 404, path
    assert str(row.pk) not in client.get(KEYS).content.decode()


def test_keys_come_in_pages(api: Any, issue: Any) -> None:
    for _ in range(3):
        issue("carol")
    client = api("carol", permissions=("admin",))
    first = client.get(f"{KEYS}?limit=2").json()
    rest = client.get(first["next"]).json()
    assert len(first["results"]) == 2 and len(rest["results"]) == 2
