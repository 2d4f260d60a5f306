"""The dashboard in a real browser: it shows what is there, and what happens while one looks."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from audit.actors import SYSTEM
from bugs import services
from bugs.models import Membership, Project, User

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]


@pytest.fixture
def page(
    live_server: Any, web: Project, carol: User, monkeypatch: pytest.MonkeyPatch, settings: Any, request: Any
) -> Iterator[Page]:
    """Signed in as carol, who triages here, on a site whose stream runs beside it."""
    Membership.objects.filter(user=carol).update(role="triager")
    monkeypatch.setenv("STREAM_ORIGINS", live_server.url)
    settings.STREAM_URL = f"ws://{request.getfixturevalue('server')}"
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    stream = [settings.STREAM_URL, settings.STREAM_URL.replace("127.0.0.1", "localhost")]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**policy, "connect-src": ["'self'", *stream]}}
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop in this thread
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{live_server.url}/")
        page.get_by_label("User name").fill("carol")
        page.get_by_label("Password").fill("carol's password")
        page.get_by_role("button", name="Sign in").click()
        yield page
        browser.close()


def test_the_dashboard_lives(page: Page, web: Project) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=10_000)
    expect(page.locator("#empty")).to_contain_text("No bugs yet")
    bug = services.report(project_id=web.pk, by=SYSTEM, title="<b>Checkout</b> is blank", severity="critical")
    row = page.locator("#rows tr")
    expect(row.locator(".title")).to_have_text("<b>Checkout</b> is blank")
    expect(row.locator(".severity")).to_have_text("critical")
    services.change_status(bug.pk, to="triaged", by=SYSTEM)
    expect(row.locator("select")).to_have_value("triaged")
    row.locator("select").select_option("resolved")
    expect(page.locator("#feed li").first).to_contain_text("triaged → resolved")
    page.get_by_label("Severity").first.select_option("low")
    expect(page.locator("#empty")).to_contain_text("No bug fits")
    assert "severity=low" in page.url
    assert problems == []
    if shots := os.environ.get("SCREENSHOTS"):
        page.get_by_label("Severity").first.select_option("")
        expect(row).to_have_count(1)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=f"{shots}/{scheme}.png")
