"""Operators see keys, revoke them, and ask what they would be allowed."""

from typing import Any

import pytest
from django.urls import reverse

from apikeys.models import ApiKey
from audit.models import Event


@pytest.fixture
def question(issue: Any) -> tuple[ApiKey, str]:
    row, _ = issue("carol", endpoints=["bugs_*"])
    return row, reverse("admin:apikeys_apikey_why", args=[row.pk])


def test_a_key_shows_no_secret_and_no_digest(console: Any, issue: Any) -> None:
    row, secret = issue()
    page = console.get(reverse("admin:apikeys_apikey_change", args=[row.pk])).content.decode()
    assert row.hint in page and secret not in page and bytes(row.digest).hex() not in page
    assert "Would this be allowed?" in page and 'name="_save"' not in page


def test_the_question_is_answered_rule_by_rule(console: Any, question: Any, web: Any) -> None:
    _, url = question
    assert console.get(url).status_code == 200
    asked = {"operation": "bugs_destroy", "project": str(web.pk), "ip": "192.0.2.7"}
    page = console.post(url, asked).content.decode()
    assert "bugs_destroy: not allowed" in page and "<strong>permission</strong>" not in page
    assert "<strong>role</strong>" in page and "The owner is viewer in this project" in page
    assert "allowed</h2>" in console.post(url, {"operation": "bugs_list"}).content.decode()
    assert "<strong>endpoint</strong>" in console.post(url, {"operation": "exports_list"}).content.decode()


def test_the_page_has_no_inline_script_and_a_strict_policy(console: Any, question: Any) -> None:
    answer = console.get(question[1])
    assert "<script>" not in answer.content.decode() and " onclick=" not in answer.content.decode()
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "asked",
    [{"operation": "nothing"}, {"operation": "bugs_list", "ip": "x"}, {"operation": "bugs_list", "project": "x"}],
)
def test_a_question_that_makes_no_sense_has_no_answer(console: Any, question: Any, asked: Any) -> None:
    page = console.post(question[1], asked).content.decode()
    assert "errorlist" in page and "allowed</h2>" not in page


def test_who_may_not_see_keys_may_not_ask(enter_console: Any, question: Any) -> None:
    from bugs.models import User

    browser = enter_console(User.objects.create_user("sam", is_staff=True))
    assert browser.post(question[1], {"operation": "bugs_list"}).status_code in (302, 403, 404)


def test_a_missing_key_is_not_there(console: Any) -> None:
    from uuid import uuid4

    assert console.get(reverse("admin:apikeys_apikey_why", args=[uuid4()])).status_code == 404


def test_revoking_in_the_console_is_written_down(console: Any, issue: Any) -> None:
    row, _ = issue()
    console.post(reverse("admin:apikeys_apikey_changelist"), {"action": "revoke", "_selected_action": [str(row.pk)]})
    row.refresh_from_db()
    event = Event.objects.get(type="api_key.revoked")
    assert row.revoked_at and row.revoked_by == event.actor and event.actor.startswith("user:")
