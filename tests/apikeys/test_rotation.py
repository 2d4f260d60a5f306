"""A key gets a successor: both live a while, and uses of the old one tell who has not changed yet."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apikeys import authentication, services, uses
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from audit.models import Event

API = "/api/v1/"
KEYS = f"{API}api-keys/"


def test_the_successor_has_the_same_rights_and_another_secret(api: Any, web: Any, issue: Any) -> None:
    old, secret = issue(
        role="triager", endpoints=["bugs_*"], ip_whitelist=["127.0.0.0/8"], project_ids=[web.pk], lifetime_days=9
    )
    answer = api("alice").post(f"{KEYS}{old.pk}/rotate/")
    new = answer.json()
    assert answer.status_code == 201 and new["key"] != secret and new["rotated_from"] == str(old.pk)
    row = ApiKey.objects.get(pk=new["id"])
    for name in ("name", "owner_id", "role", "permissions", "endpoints", "ip_whitelist", "project_ids", "limits"):
        assert getattr(row, name) == getattr(old, name)
    assert row.expires_at - timezone.now() > timedelta(days=8)
    assert Event.objects.get(type="api_key.rotated").data["replaced_by"] == new["id"]


@pytest.mark.parametrize(("overlap", "is_live"), [(0, False), (1, True), (86_400, True), (604_800, True)])
def test_the_old_one_lives_as_long_as_the_overlap(api: Any, issue: Any, bug: Any, overlap: int, is_live: bool) -> None:
    old, secret = issue()
    new = api("alice").post(f"{KEYS}{old.pk}/rotate/", {"overlap": overlap}).json()
    authentication.forget()
    assert (api(key=secret).get(f"{API}bugs/").status_code == 200) == is_live
    assert api(key=new["key"]).get(f"{API}bugs/").status_code == 200
    old.refresh_from_db()
    assert old.expires_at - old.replaced_at == timedelta(seconds=overlap)


@pytest.mark.parametrize("overlap", [-1, 604_801, "a day"])
def test_an_overlap_is_seven_days_at_most(api: Any, issue: Any, overlap: Any) -> None:
    assert api("alice").post(f"{KEYS}{issue()[0].pk}/rotate/", {"overlap": overlap}).status_code == 400


def test_an_overlap_never_prolongs(issue: Any) -> None:
    old, _ = issue(lifetime_days=1)
    services.rotate(old.pk, by=SYSTEM, overlap=timedelta(days=7))
    before = old.expires_at
    old.refresh_from_db()
    assert old.expires_at == before


def test_uses_of_the_old_key_are_counted(api: Any, issue: Any, bug: Any) -> None:
    old, secret = issue()
    api(key=secret).get(f"{API}bugs/")
    uses.flush()
    client = api("alice")
    new = client.post(f"{KEYS}{old.pk}/rotate/").json()
    shown = client.get(f"{KEYS}{old.pk}/").json()
    assert (shown["status"], shown["replaced_by"], shown["use_count"]) == ("replaced", new["id"], 1)
    assert shown["uses_since_replaced"] == 0
    for _ in range(3):
        api(key=secret).get(f"{API}bugs/")
    uses.flush()
    shown = client.get(f"{KEYS}{old.pk}/").json()
    assert (shown["use_count"], shown["uses_since_replaced"]) == (4, 3)


@pytest.mark.parametrize("state", ["rotated", "revoked", "expired"])
def test_what_has_ended_is_not_rotated(api: Any, issue: Any, state: str) -> None:
    old, _ = issue()
    match state:
        case "rotated":
            services.rotate(old.pk, by=SYSTEM)
        case "revoked":
            services.revoke(old.pk, by=SYSTEM)
        case "expired":
            ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    answer = api("alice").post(f"{KEYS}{old.pk}/rotate/")
    assert (answer.status_code, answer.json()["code"]) == (409, "key_ended")
    assert not Event.objects.filter(type="api_key.rotated", actor__startswith="key:").exists()


def test_a_successor_is_rotated_in_turn(issue: Any) -> None:
    first, _ = issue()
    second, _ = services.rotate(first.pk, by=SYSTEM)
    third, _ = services.rotate(second.pk, by=SYSTEM)
    assert (third.rotated_from_id, second.rotated_from_id) == (second.pk, first.pk)


def test_a_key_rotates_itself_and_does_not_prolong_its_life(api: Any, issue: Any) -> None:
    old, secret = issue(lifetime_days=3)
    new = api(key=secret).post(f"{KEYS}{old.pk}/rotate/", {"overlap": 60})
    assert new.status_code == 201
    assert ApiKey.objects.get(pk=new.json()["id"]).expires_at == old.expires_at


def test_a_retry_makes_no_second_successor(api: Any, issue: Any) -> None:
    old, _ = issue()
    client = api("alice")
    first, again = (client.post(f"{KEYS}{old.pk}/rotate/", HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))
    assert (first.status_code, again.status_code, again.json()["code"]) == (201, 409, "already_created")
    assert ApiKey.objects.filter(rotated_from=old).count() == 1


def test_answers_tell_when_a_rotated_key_ends(api: Any, issue: Any, bug: Any) -> None:
    old, secret = issue()
    services.rotate(old.pk, by=SYSTEM, overlap=timedelta(days=7))
    old.refresh_from_db()
    answer = api(key=secret).get(f"{API}bugs/")
    assert answer["Bugwire-Key-Replaced"] == f"{old.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    assert "Bugwire-Key-Expires" not in answer


@pytest.mark.parametrize(("days", "is_warned"), [(1, True), (14, True), (15, False), (90, False)])
def test_answers_warn_two_weeks_before_a_key_expires(
    api: Any, issue: Any, bug: Any, days: int, is_warned: bool
) -> None:
    row, secret = issue(lifetime_days=days)
    for path in ("bugs/", "bugs/none/"):
        answer = api(key=secret).get(f"{API}{path}")
        shown = answer.get("Bugwire-Key-Expires")
        assert shown == (f"{row.expires_at:%Y-%m-%dT%H:%M:%SZ}" if is_warned else None)


def test_old_ones_that_live_on_are_bounded(issue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LIVE_MAX", 2)
    key, _ = issue()
    for _ in range(3):
        key, _ = services.rotate(key.pk, by=SYSTEM, overlap=timedelta(days=7))
    with pytest.raises(services.TooManyKeys):
        services.rotate(key.pk, by=SYSTEM)
