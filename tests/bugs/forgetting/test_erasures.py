"""Asking for it, watching it, and the receipt: signed, about one person, naming nobody."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from apikeys.models import ApiKey
from audit.actors import SYSTEM
from bugs import people
from bugs.choices import Role
from bugs.forgetting import runner
from bugs.models import Erasure, Reporter, User
from bugs.services import erasures, reporters
from tests.bugs.forgetting.conftest import ANN, BEN


def test_over_rest(api: Any, web: Any) -> None:
    client = api("alice")
    answer = client.post("/api/v1/privacy/erasures/", {"person": ANN, "project": "WEB"})
    assert answer.status_code == 202 and answer.json()["state"] == "queued"
    runner.run_due(60)
    done = client.get(answer["Location"]).json()
    assert (done["state"], done["projects"]) == ("done", ["WEB"])
    assert "miller" not in json.dumps(done)


def test_whom_it_was_about_is_forgotten_as_well(forget: Any) -> None:
    assert forget().identity is None


def test_the_receipt_shows_who_was_meant_to_those_who_know(forget: Any, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(forget().receipt))
    call_command("check_receipt", str(file), person=ANN.upper())
    with pytest.raises(CommandError, match="someone else"):
        call_command("check_receipt", str(file), person=BEN)


@pytest.mark.parametrize("field", ["erasure", "projects", "finished_at", "rows", "signature", "signing_key"])
def test_a_changed_receipt_is_not_genuine(forget: Any, tmp_path: Path, field: str) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps({**forget().receipt, field: "AAAA"}))
    with pytest.raises(CommandError):
        call_command("check_receipt", str(file))


@pytest.mark.parametrize("name", ["bob", "carol", "mallory"])
def test_only_admins_have_people_forgotten(api: Any, web: Any, name: str) -> None:
    answer = api(name).post("/api/v1/privacy/erasures/", {"person": ANN, "project": "WEB"})
    assert answer.status_code in (400, 403) and not Erasure.objects.exists()


def test_accounts_are_for_operators(api: Any, web: Any) -> None:
    answer = api("alice").post("/api/v1/privacy/erasures/", {"person": "bob", "with_account": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_an_operator")


def test_an_account_that_is_gone(forget: Any, key_of: Any, people_of_web: Any) -> None:
    people_of_web["alice"].is_superuser = True
    people_of_web["alice"].save()
    key_of("bob")
    forget("bob", with_account=True)
    user = User.objects.get(pk=people_of_web["bob"].pk)
    assert user.username.startswith("erased-") and not user.is_active and not user.memberships.exists()
    assert not ApiKey.objects.filter(owner=user, revoked_at=None).exists()


def test_the_reporter_stays_without_a_name(web: Any, forget: Any) -> None:
    row = reporters.named(web.pk, ANN)
    forget()
    assert Reporter.objects.get(pk=row.pk).blind is None


def test_a_cut_erasure_goes_on_where_it_was(web: Any, as_principal: Any, settings: Any) -> None:
    work = erasures.request(person=ANN, project_ids=[web.pk], by=as_principal("alice"))
    assert runner.run_due(0)  # one chunk
    work.refresh_from_db()
    assert work.state == "running" and work.stage != "bugs"
    assert not runner.run_due(60)
    work.refresh_from_db()
    assert work.state == "done"


def test_whoever_lost_the_lease_writes_nothing(web: Any, as_principal: Any) -> None:
    erasures.request(person=ANN, project_ids=[web.pk], by=as_principal("alice"))
    stale = erasures.claim()
    assert stale and erasures.claim() is None
    Erasure.objects.update(leased_until=None)
    assert erasures.claim()
    with pytest.raises(erasures.Lost):
        erasures.advance(stale, stage="", last=None, rows=1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/person"),
        ({"person": "ab"}, "/person"),
        ({"person": ANN, "names": ["A"]}, "/names/0"),
        ({"person": ANN, "names": ["Ann Miller"] * 11}, "/names"),
        ({"person": ANN, "project": "NONE"}, "/project"),
        ({"person": ANN, "everywhere": True}, "/everywhere"),
    ],
)
def test_bad_input_is_named(api: Any, web: Any, body: dict[str, Any], pointer: str) -> None:
    answer = api("alice").post("/api/v1/privacy/erasures/", body)
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == pointer


def test_who_is_a_member_through_a_group_is_known_as_one(web: Any) -> None:
    user, group = User.objects.create_user("gina"), Group.objects.create(name="support")
    people.join_as_group(project=web, group=group, role=Role.REPORTER, by=SYSTEM)
    user.groups.add(group)
    assert reporters.named(web.pk, "gina").user_id == user.pk
