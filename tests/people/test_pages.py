"""The console in a real browser: every page works under the content policy, and looks like something."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page, expect, sync_playwright

from audit.actors import SYSTEM
from bugs import people, services
from bugs.models import Authenticator, FailedSignIns, User
from tests.people.conftest import PASSWORD, code_of

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def page(live_server: Any, olga: User, problems: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A browser that notes whatever the content policy stops, and what else goes wrong."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop in this thread
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(base_url=live_server.url)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        browser.close()


def shoot(page: Page, name: str) -> None:
    if shots := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{shots}/console-{name}.png", full_page=True)


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.goto("/admin/")
    page.get_by_label("User name").fill("olga")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def enrol(page: Page) -> None:
    sign_in(page)
    page.get_by_role("textbox", name="Code").fill(code_of(Authenticator.objects.get()))
    shoot(page, "enrol")
    page.get_by_role("button", name="Enrol").click()


def test_a_first_visit_enrols_and_the_next_asks_for_a_code(page: Page, problems: list[str]) -> None:
    page.goto("/admin/")
    shoot(page, "sign-in")
    enrol(page)
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").first.inner_text()
    shoot(page, "recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("#site-name")).to_contain_text("Bugwire operations")
    shoot(page, "index")
    page.goto("/admin/authenticator/")
    expect(page.locator("main")).to_contain_text("10 of your recovery codes are left")
    shoot(page, "authenticator")
    page.context.clear_cookies()
    sign_in(page)
    shoot(page, "code")
    page.get_by_text("The phone is not at hand").click()
    shoot(page, "recovery")
    page.get_by_label("A recovery code").fill(recovery)
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#site-name")).to_be_visible()
    assert problems == []


def test_refusals_are_plain(page: Page, problems: list[str]) -> None:
    sign_in(page, "not this one")
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    shoot(page, "refused")
    FailedSignIns.objects.update(failures=5)
    sign_in(page)
    expect(page.get_by_role("alert")).to_contain_text("Too many sign-ins from here failed")
    shoot(page, "locked")
    assert [text for text in problems if "403" not in text and "429" not in text] == []


def test_every_page_of_the_console_keeps_to_the_content_policy(page: Page, problems: list[str]) -> None:
    project = people.make_project(key="WEB", name="Web shop", by=SYSTEM)
    bug = services.report(project_id=project.pk, by=SYSTEM, title="Checkout fails", severity="high")
    enrol(page)
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        page.goto(reverse(f"admin:{name}_changelist"))
        expect(page.locator("#content h1")).to_be_visible()
    for name, pk in (("bugs_bug", bug.pk), ("bugs_project", project.pk), ("bugs_user", User.objects.get().pk)):
        page.goto(reverse(f"admin:{name}_change", args=[pk]))
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
        shoot(page, name.replace("_", "-"))
    for name in ("bugs_user_add", "auth_group_add", "password_change", "bugs_project_add"):
        page.goto(reverse(f"admin:{name}"))
        expect(page.locator("#content h1")).to_be_visible()
        shoot(page, name.replace("_", "-"))
    assert problems == []
