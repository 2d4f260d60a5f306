"""The interactive documentation in a real browser: within its content security policy, nothing from outside."""

import os
from pathlib import Path

import pytest

CHROMIUM = "/usr/bin/chromium"
sync_api = pytest.importorskip("playwright.sync_api")


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no Chromium here")
@pytest.mark.django_db(transaction=True)
def test_the_page_shows_the_operations_and_stays_within_its_policy(live_server, monkeypatch, tmp_path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop in this thread
    said, asked = [], []
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/api/docs/")
        page.click("#operations-tag-bugs", timeout=30_000)
        page.click("text=List bugs")
        page.wait_for_selector("text=Try it out")
        page.screenshot(path=os.environ.get("DOCS_SCREENSHOT", str(tmp_path / "docs.png")))
        browser.close()

    assert not [text for text in said if "Content Security Policy" in text or "Refused" in text], said
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
