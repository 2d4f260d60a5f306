"""The dashboard in a real browser: it shows what is there, and what happens while one looks."""

import os
import shutil
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from audit.actors import SYSTEM
from bugs import services
from bugs.ingest.digest import writer
from bugs.ingest.reading.normalize import normalize
from bugs.models import Bug, Membership, Project, User
from config import browsers
from tests.streaming.conftest import StreamProcess

TITLES = (
    "The cookie banner covers the pay button on small screens",
    "Search with an umlaut finds nothing",
    "IntegrityError: duplicate key value violates orders_reference_key_of_the_second_generation",
    "Customers see each other's baskets after a deployment",
)
NO_SOCKETS = "WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006 })); } close() {} }"
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
    settings.STREAM_ORIGINS = [live_server.url]
    settings.STREAM_URL = f"ws://{request.getfixturevalue('server')}"
    settings.CONTENT_SECURITY_POLICY = browsers.content_policy(settings.STREAM_URL)
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
        connection.close()  # while playwright's loop runs it is another one, which nobody else would close


def is_live(page: Page) -> None:
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=20_000)


def report(project: Project, title: str, **fields: Any) -> Bug:
    return services.report(project_id=project.pk, by=SYSTEM, title=title, **fields)


def test_the_dashboard_lives(page: Page, web: Project) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    is_live(page)
    expect(page.locator("#empty")).to_contain_text("No bugs yet")
    bug = report(web, "<b>Checkout</b> is blank", severity="critical")
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


def test_errors_are_counted(page: Page, web: Project) -> None:
    expect(page.locator("#errors")).to_have_text("0 errors in 24 h")
    event = {"exception": [{"type": "ValueError", "value": "bad"}], "timestamp": timezone.now().isoformat()}
    found = [normalize(event, received_at=timezone.now(), event_id=uuid4()) for _ in range(2)]
    writer.accept(web.pk, found)
    expect(page.locator("#errors")).to_have_text("2 errors in 24 h", timeout=20_000)


def test_what_happened_while_the_stream_was_away_is_shown_once(
    page: Page, stream_process: StreamProcess, web: Project
) -> None:
    is_live(page)
    report(web, "Before")
    expect(page.locator("#rows tr")).to_have_count(1)
    stream_process.end(suddenly=True)
    expect(page.locator("#connection-text")).to_contain_text("offline since")
    report(web, "Meanwhile")
    stream_process.start()
    is_live(page)
    expect(page.locator("#rows .title")).to_have_text(["Meanwhile", "Before"])
    report(web, "After")
    expect(page.locator("#feed li")).to_have_count(3)
    expect(page.locator("#rows .title")).to_have_text(["After", "Meanwhile", "Before"])


def test_a_restart_is_told_as_one(page: Page, stream_process: StreamProcess, web: Project) -> None:
    is_live(page)
    stream_process.end()
    expect(page.locator("#connection-text")).to_contain_text("the server restarts")
    report(web, "Meanwhile")
    stream_process.start()
    expect(page.locator("#rows .title")).to_have_text(["Meanwhile"], timeout=20_000)


def test_who_signs_out_elsewhere_is_asked_to_sign_in(page: Page) -> None:
    is_live(page)
    Session.objects.all().delete()
    expect(page.locator("#connection-text")).to_contain_text("please sign in again")
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_label("Password")).to_be_visible()


def test_events_come_where_websockets_do_not_get_through(
    page: Page, stream_process: StreamProcess, web: Project
) -> None:
    page.add_init_script(NO_SOCKETS)
    page.reload()
    is_live(page)
    report(web, "Before")
    expect(page.locator("#rows .title")).to_have_text(["Before"])
    stream_process.end(suddenly=True)
    report(web, "Meanwhile")
    stream_process.start()
    expect(page.locator("#rows .title")).to_have_text(["Meanwhile", "Before"], timeout=30_000)


def test_who_is_signed_out_is_asked_to_sign_in_by_either_door(page: Page) -> None:
    page.add_init_script(NO_SOCKETS)
    page.reload()
    is_live(page)
    Session.objects.all().delete()
    told = page.locator("#connection-text", has_text="please sign in again")
    form = page.get_by_label("Password")  # where a call that is under way at that moment leads by itself
    expect(told.or_(form)).to_be_visible(timeout=30_000)


def test_it_looks_well(page: Page, web: Project) -> None:
    """Nothing to compare with: the pictures are for people. Nothing is wider than a phone."""
    is_live(page)
    for number, level in enumerate(("low", "medium", "high", "critical")):
        services.change_status(report(web, f"{TITLES[number]}", severity=level).pk, to="triaged", by=SYSTEM)
    expect(page.locator("#feed li")).to_have_count(8)
    for name, width in (("wide", 1280), ("phone", 390)):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            if shots := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=f"{shots}/{name}-{scheme}.png")
