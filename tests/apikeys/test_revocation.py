"""What ends a right ends it everywhere within a second: calls, download links, exports; by no message at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apikeys import authentication, services
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from audit.models import AccessRecord, Event
from bugs.models import Membership, User
from exports import runner
from exports.models import Export

pytestmark = pytest.mark.django_db(transaction=True)  # exports read from a snapshot of their own
API = "/api/v1/"
KEYS = f"{API}api-keys/"


@pytest.fixture
def doors(api: Any, issue: Any, bug: Any, settings: Any, tmp_path: Any) -> tuple[ApiKey, dict[str, Callable[[], int]]]:
    """A key of bob, an exporter besides, and what it opens: a call, a download link, the file of an export."""
    settings.MEDIA_ROOT = str(tmp_path)
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}
    Membership.objects.filter(user__username="bob").update(role="integrator")
    row, secret = issue("bob", permissions=("read", "write", "export"))
    client = api(key=secret)
    file = SimpleUploadedFile("notes.txt", b"words", content_type="text/plain")
    made = client.post(f"{API}bugs/{bug.pk}/attachments/", {"file": file}, format="multipart")
    link = client.post(f"{made['Location']}link/")
    assert link.status_code == 200, link.json()
    url = urlsplit(link.json()["url"])
    export = client.post(f"{API}exports/", {"format": "json"}).json()["id"]
    _finish(export)
    return row, {
        "call": lambda: client.get(f"{API}bugs/").status_code,
        "link": lambda: api().get(f"{url.path}?{url.query}").status_code,
        "export": lambda: client.get(f"{API}exports/{export}/download/").status_code,
    }


def _finish(export: str) -> None:
    runner.run_due()
    assert Export.objects.get(pk=export).state == "ready"


def opened(doors: dict[str, Callable[[], int]]) -> dict[str, int]:
    return {name: door() for name, door in doors.items()}


ENDS: dict[str, Callable[[ApiKey], Any]] = {
    "revoked": lambda row: services.revoke(row.pk, by=SYSTEM),
    "expired": lambda row: ApiKey.objects.filter(pk=row.pk).update(expires_at=timezone.now()),
    "rotated with no overlap": lambda row: services.rotate(row.pk, by=SYSTEM, overlap=timedelta(0)),
    "its owner was switched off": lambda row: User.objects.filter(pk=row.owner_id).update(is_active=False),
    "its owner left": lambda row: Membership.objects.filter(user=row.owner_id).delete(),
    "it was bound to another network": lambda row: ApiKey.objects.filter(pk=row.pk).update(ip_whitelist=["192.0.2.7"]),
    "it was bound to another project": lambda row: ApiKey.objects.filter(pk=row.pk).update(project_ids=[row.pk]),
    "it may no longer read or export": lambda row: ApiKey.objects.filter(pk=row.pk).update(permissions=["write"]),
}


@pytest.mark.parametrize("end", ENDS)
def test_within_a_second_every_door_is_shut(doors: Any, clock: Any, end: str) -> None:
    row, all_doors = doors
    assert opened(all_doors) == dict.fromkeys(all_doors, 200)
    ENDS[end](row)
    clock.now += 1
    assert all(status in (401, 403, 404) for status in opened(all_doors).values())


def test_a_demotion_is_felt_within_a_second(doors: Any, clock: Any) -> None:
    row, all_doors = doors
    Membership.objects.filter(user=row.owner_id).update(role="viewer")
    clock.now += 1
    assert opened(all_doors) == {"call": 200, "link": 200, "export": 403}


def test_a_key_is_remembered_for_less_than_a_second() -> None:
    assert authentication.KNOWN_SECONDS < 1


def test_a_link_is_as_good_as_the_person_that_asked_for_it(api: Any, bug: Any, people_of_web: Any, doors: Any) -> None:
    from rest_framework.test import APIClient

    attachment = bug.attachments.get()
    browser = APIClient()
    browser.force_login(people_of_web["carol"])
    url = urlsplit(browser.post(f"{API}attachments/{attachment.pk}/link/").json()["url"])
    assert api().get(f"{url.path}?{url.query}").status_code == 200
    assert AccessRecord.objects.get(operation="attachments_download").actor == f"user:{people_of_web['carol'].pk}"
    User.objects.filter(username="carol").update(is_active=False)
    assert api().get(f"{url.path}?{url.query}").status_code == 404


def test_a_link_of_a_key_holds_in_its_networks_alone(api: Any, doors: Any) -> None:
    row, all_doors = doors
    ApiKey.objects.filter(pk=row.pk).update(ip_whitelist=["127.0.0.0/8"])
    assert all_doors["link"]() == 200
    ApiKey.objects.filter(pk=row.pk).update(ip_whitelist=["192.0.2.0/24"])
    assert all_doors["link"]() == 404


def test_revoking_keeps_who_and_why_and_is_done_once(api: Any, issue: Any) -> None:
    row, _ = issue()
    client = api("alice")
    first = client.post(f"{KEYS}{row.pk}/revoke/", {"reason": "left a laptop"}).json()
    assert (first["status"], first["revoked_reason"]) == ("revoked", "left a laptop")
    assert first["revoked_by"].startswith("key:")
    assert client.post(f"{KEYS}{row.pk}/revoke/", {"reason": "again"}).json() == first
    assert Event.objects.filter(type="api_key.revoked").count() == 1


def test_a_key_revokes_itself(api: Any, issue: Any, clock: Any) -> None:
    row, secret = issue()
    assert api(key=secret).post(f"{KEYS}{row.pk}/revoke/").status_code == 200
    clock.now += 1
    assert api(key=secret).get(f"{API}bugs/").status_code == 401


def test_a_key_that_is_valid_again_is_taken_within_a_second(api: Any, issue: Any, bug: Any, clock: Any) -> None:
    row, secret = issue(ip_whitelist=["192.0.2.7"])
    assert api(key=secret).get(f"{API}bugs/").status_code == 401
    ApiKey.objects.filter(pk=row.pk).update(ip_whitelist=[])
    clock.now += 1
    assert api(key=secret).get(f"{API}bugs/").status_code == 200


def test_keys_that_a_key_made_end_with_it(api: Any, issue: Any) -> None:
    maker, secret = issue()
    child = api(key=secret).post(f"{API}api-keys/", {"name": "x", "permissions": ["read", "admin"]}).json()
    grandchild = api(key=child["key"]).post(f"{API}api-keys/", {"name": "x", "permissions": ["read"]}).json()
    other, _ = issue()
    services.revoke(maker.pk, by=SYSTEM)
    live = set(ApiKey.objects.filter(revoked_at=None).values_list("pk", flat=True))
    assert other.pk in live and not {str(pk) for pk in live} & {child["id"], grandchild["id"]}


def test_a_successor_outlives_the_key_that_it_replaced(api: Any, issue: Any) -> None:
    old, secret = issue()
    new = api(key=secret).post(f"{API}api-keys/{old.pk}/rotate/").json()
    services.revoke(old.pk, by=SYSTEM)
    assert ApiKey.objects.get(pk=new["id"]).revoked_at is None


def test_a_key_that_was_revoked_meanwhile_makes_none(issue: Any) -> None:
    maker, secret = issue()
    by = authentication.principal_for_token(secret)
    services.revoke(maker.pk, by=SYSTEM)
    with pytest.raises(services.Ended):
        services.issue(name="x", owner_id=maker.owner_id, permissions=["read"], by=by)
