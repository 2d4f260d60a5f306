"""The demo's story, from a crash to the audit log, with real processes and the clients that users have."""

import shutil
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from demo import story

CHROMIUM = shutil.which("chromium")
QUIETLY = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
SECONDS = 15_000


def test_the_story_of_a_crash(place: story.Place) -> None:
    steps = list(story.play(place, repetitions=5))
    assert [step.title for step in steps][-1] == "Every call is in the audit log"
    assert len(steps) == 11


@pytest.fixture
def page(place: story.Place) -> Iterator[Page]:
    """The dashboard, with the operator signed in."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: the page is not looked at")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=QUIETLY.split())
        page = browser.new_page()
        page.goto(f"{place.web}/login/")
        page.get_by_label("User name").fill(place.operator["username"])
        page.get_by_label("Password").fill(place.operator["password"])
        page.get_by_role("button", name="Sign in").click()
        yield page
        browser.close()


def test_the_page_shows_a_crash_and_its_triage_as_they_happen(place: story.Place, page: Page) -> None:
    expect(page.locator("#connection-text")).to_contain_text("live", timeout=SECONDS)
    order, client = f"order-{uuid.uuid4().hex[:8]}", story.Client(place)
    story.run_crash(place, order)
    row = page.locator("#rows tr", has_text=order)
    expect(row.locator("select")).to_have_value("new", timeout=SECONDS)
    story.triage(client, story.bug_of(client, order))
    expect(row.locator("select")).to_have_value("triaged", timeout=SECONDS)
    expect(page.locator("#feed")).to_contain_text("new → triaged")
