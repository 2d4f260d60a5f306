"""The page of the AsyncAPI document: open to all, whole, and clean in a real browser."""

import re
import shutil
from typing import Any

import pytest
import yaml
from django.test import Client
from playwright.sync_api import sync_playwright

from streaming import closing, refusals
from streaming.protocol import rows
from streaming.streams import STREAMS
from tests.streaming import described

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.django_db  # a visit leaves an access record


@pytest.fixture
def text(db: None) -> str:
    """The page, for somebody who is not signed in."""
    answer = Client().get("/docs/stream")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_link_within_the_page_leads_to_one_place(text: str) -> None:
    targets = re.findall(r'id="([^"]+)"', text)
    assert len(targets) == len(set(targets))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(targets)


def test_all_that_the_document_has_is_on_the_page(text: str) -> None:
    components = described.built()["components"]
    wanted = [
        *(f'id="message-{name}"' for name in components["messages"]),
        *(f'id="schema-{name}"' for name in components["schemas"]),
        *(f'id="stream-{name}"' for name in STREAMS),
        *(f"<code>{code}</code>" for code in (*closing.CLOSINGS, *refusals.MEANINGS)),
    ]
    assert [one for one in wanted if one not in text] == []


def test_the_page_has_no_script_and_no_style_of_its_own(text: str) -> None:
    assert not re.search(r"<script|<style|style=|\son\w+=", text)


def test_what_is_shown_as_code_is_text() -> None:
    assert rows.marked("a `<b>` & c") == "a <code>&lt;b&gt;</code> &amp; c"


def test_programs_get_the_same_document() -> None:
    as_json = Client().get("/docs/stream.json").json()
    assert as_json["asyncapi"] == "3.0.0"
    assert yaml.safe_load(Client().get("/docs/stream.yaml").content) == as_json


@pytest.mark.parametrize("path", ["/docs/stream", "/docs/stream.json", "/docs/stream.yaml"])
def test_it_is_only_read(path: str) -> None:
    assert Client().post(path).status_code == 405


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 360])
def test_a_browser_has_nothing_to_complain_of(live_server: Any, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop in this thread
    said: list[str] = []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfailed", lambda request: said.append(request.url))
        page.goto(f"{live_server.url}/docs/stream")
        page.get_by_role("link", name="Close codes").click()
        assert page.url.endswith("#closings")
        widest = page.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert said == []
    assert widest <= width
