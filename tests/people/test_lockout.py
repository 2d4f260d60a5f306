"""Who guesses is locked out, and learns nothing about who is here."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from audit.models import AccessRecord
from bugs.models import FailedSignIns, User
from tests.people.conftest import PASSWORD

DOORS = ["/admin/login/", "/login/"]


def said(answer: Any, name: str) -> tuple[int, str]:
    """Status and page, without what each page has of its own."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return answer.status_code, page.replace(name, "NAME")


@pytest.mark.parametrize("at", DOORS)
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(olga: User, sign_in: Any, at: str) -> None:
    User.objects.create_user("carol", password=PASSWORD, is_active=False)
    answers = [said(sign_in(Client(), name, "not this one", at), name) for name in ("olga", "nobody", "carol")]
    assert answers[0] == answers[1] == answers[2] and answers[0][0] == 403


@pytest.mark.parametrize("at", DOORS)
def test_after_five_failures_nobody_signs_in_with_that_name_from_there(olga: User, sign_in: Any, at: str) -> None:
    for name in ("olga", "nobody"):
        statuses = [sign_in(Client(), name, "not this one", at).status_code for _ in range(5)]
        assert statuses == [403, 403, 403, 403, 429]
    locked = [sign_in(Client(), name, PASSWORD, at) for name in ("olga", "nobody")]
    assert said(locked[0], "olga") == said(locked[1], "nobody") and locked[0].status_code == 429
    assert 0 < int(locked[0].headers["Retry-After"]) <= 15 * 60 + 1
    assert b"Too many sign-ins" in locked[0].content


def test_other_addresses_and_other_names_are_not_locked(olga: User, sign_in: Any) -> None:
    User.objects.create_superuser("otto", password=PASSWORD)
    for _ in range(5):
        sign_in(Client(), "olga", "not this one")
    assert sign_in(Client(), "olga", REMOTE_ADDR="192.0.2.7").status_code == 302
    assert sign_in(Client(), "otto").status_code == 302


def test_who_tries_many_names_is_locked_out_of_all(olga: User, sign_in: Any) -> None:
    statuses = [sign_in(Client(), f"name{number}", "not this one").status_code for number in range(50)]
    assert statuses == [403] * 49 + [429]
    assert sign_in(Client(), "olga").status_code == 429


def test_a_forwarded_address_that_nobody_vouches_for_unlocks_nothing(olga: User, sign_in: Any) -> None:
    for number in range(5):
        sign_in(Client(), "olga", "not this one", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert sign_in(Client(), "olga", HTTP_X_FORWARDED_FOR="192.0.2.99").status_code == 429


def test_addresses_of_one_ipv6_customer_are_one(olga: User, sign_in: Any) -> None:
    for number in range(5):
        sign_in(Client(), "olga", "not this one", REMOTE_ADDR=f"2001:db8::{number}")
    assert sign_in(Client(), "olga", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert sign_in(Client(), "olga", REMOTE_ADDR="2001:db8:0:1::1").status_code == 302


def test_the_lock_ends_with_the_cool_off(olga: User, sign_in: Any) -> None:
    for _ in range(5):
        sign_in(Client(), "olga", "not this one")
    FailedSignIns.objects.update(last_at=F("last_at") - timedelta(minutes=15, seconds=1))
    assert sign_in(Client(), "olga").status_code == 302


def test_refused_tries_do_not_make_the_lock_longer(olga: User, sign_in: Any) -> None:
    for _ in range(5):
        sign_in(Client(), "olga", "not this one")
    before = sorted(FailedSignIns.objects.values_list("failures", "last_at"))
    sign_in(Client(), "olga", "not this one")
    assert sorted(FailedSignIns.objects.values_list("failures", "last_at")) == before


def test_a_success_takes_the_failures_away(olga: User, sign_in: Any) -> None:
    for _ in range(3):
        for _ in range(4):
            sign_in(Client(), "olga", "not this one")
        assert sign_in(Client()).status_code == 302


def test_counts_that_say_nothing_any_more_go(olga: User, sign_in: Any) -> None:
    sign_in(Client(), "olga", "not this one", REMOTE_ADDR="192.0.2.7")
    FailedSignIns.objects.update(last_at=F("last_at") - timedelta(minutes=16))
    sign_in(Client(), "olga", "not this one")
    assert FailedSignIns.objects.count() == 2


def test_everybody_can_be_unlocked(olga: User, sign_in: Any) -> None:
    for _ in range(5):
        sign_in(Client(), "olga", "not this one")
    call_command("axes_reset")
    assert sign_in(Client(), "olga").status_code == 302


def test_neither_names_nor_addresses_are_kept(olga: User, sign_in: Any) -> None:
    sign_in(Client(), "olga", "not this one", REMOTE_ADDR="192.0.2.7")
    kept = b"".join(bytes(row.who) for row in FailedSignIns.objects.all())
    assert len(kept) == 36 and b"olga" not in kept and b"192.0.2.7" not in kept


@pytest.mark.parametrize("at", DOORS)
def test_sign_ins_failures_and_locks_can_be_told_apart_in_the_trail(olga: User, sign_in: Any, at: str) -> None:
    sign_in(Client(), "olga", at=at)
    for _ in range(6):
        sign_in(Client(), "olga", "not this one", at)
    codes = list(AccessRecord.objects.filter(method="POST").order_by("id").values_list("code", "status", "actor"))
    assert codes[0] == ("logged_in", 302, f"user:{olga.pk}")
    assert codes[1:] == [("login_failed", 403, "anonymous")] * 4 + [("locked_out", 429, "anonymous")] * 2
