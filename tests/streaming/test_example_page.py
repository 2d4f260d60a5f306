"""The example of a page of one's own, in a browser: its server asks for tickets with a key, and hands them to it."""

import json
import shutil
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect, sync_playwright

from audit.actors import SYSTEM
from bugs import services
from bugs.models import Project
from tests.streaming.conftest import StreamProcess

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]


class Site(BaseHTTPRequestHandler):
    """Somebody's server: the page, the client beside it, and tickets."""

    def __init__(self, *arguments: Any, stream: str, api: str, key: str, asked: list[str]) -> None:
        self.stream, self.api, self.key, self.asked = stream, api, key, asked
        super().__init__(*arguments)

    def do_GET(self) -> None:
        if self.path == "/stream.js":
            self._answer("text/javascript", (ROOT / "static" / "stream.js").read_text())
            return
        page = (ROOT / "docs" / "examples" / "watch.html").read_text()
        self._answer("text/html", page.replace("<html", f'<html data-stream="{self.stream}"'))

    def do_POST(self) -> None:
        wanted = {"origin": self.headers["Origin"], "address": self.client_address[0]}
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.api, json.dumps(wanted).encode(), headers)) as answer:
            text = answer.read().decode()
        self.asked.append(json.loads(text)["ticket"])
        self._answer("application/json", text)

    def _answer(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments: Any) -> None: ...


@pytest.fixture
def tickets() -> list[str]:
    """Those that the site asked for."""
    return []


@pytest.fixture
def page(
    stream_process: StreamProcess, live_server: Any, key: Any, tickets: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs a loop in this thread
    stream, api = f"ws://{stream_process.address}/ws/v1/stream", f"{live_server.url}/api/v1/stream/tickets/"
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, stream=stream, api=api, key=key[1], asked=tickets))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{site.server_port}/")
        yield page
        browser.close()
        connection.close()  # while playwright's loop runs it is another one, which nobody else would close
    site.shutdown()


def report(project: Project, title: str) -> None:
    services.report(project_id=project.pk, by=SYSTEM, title=title, severity="high")


def test_a_page_of_ones_own_lives_across_a_restart(
    page: Page, stream_process: StreamProcess, web: Project, tickets: list[str]
) -> None:
    expect(page.locator("#state")).to_have_text("live", timeout=20_000)
    report(web, "<b>first</b>")
    expect(page.locator("li")).to_have_text(["WEB-1 <b>first</b>"])
    stream_process.end(suddenly=True)
    report(web, "second")
    stream_process.start()
    expect(page.locator("li")).to_have_text(["WEB-2 second", "WEB-1 <b>first</b>"], timeout=30_000)
    assert len(tickets) == len(set(tickets)) >= 2
