"""Visit the shop's page with Chromium and press its buttons: `visit.py BUTTON...`, set up by the environment."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

HERE = Path(__file__).resolve().parent
CHROMIUM = shutil.which("chromium")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
STATUSES = {"/stock": 500, "/me": 401}
SETTINGS = {"dsn": "SENTRY_DSN", "environment": "SENTRY_ENVIRONMENT", "release": "SENTRY_RELEASE"}


def bundled(major: str) -> bytes:
    """The page's script with the SDK of that version in it, the way a shop would ship it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "shop.js")
        esbuild = HERE.parent / "node_modules/.bin/esbuild"
        options = ["--bundle", "--minify-syntax", f"--alias:sentry=sentry-browser-{major}", f"--outfile={out}"]
        subprocess.run([esbuild, HERE / "shop.js", *options, "--log-level=error"], check=True)
        return out.read_bytes()


class Shop(BaseHTTPRequestHandler):
    files: dict[str, tuple[str, bytes]] = {}

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        kind, body = self.files.get(path, ("text/plain", b""))
        self.send_response(STATUSES.get(path, 200))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


def served() -> ThreadingHTTPServer:
    settings = {name: os.environ[variable] for name, variable in SETTINGS.items()}
    Shop.files = {
        "/": ("text/html", (HERE / "index.html").read_bytes()),
        "/settings.js": ("text/javascript", f"window.SETTINGS = {json.dumps(settings)};".encode()),
        "/shop.js": ("text/javascript", bundled(os.environ["SDK_MAJOR"])),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def is_event(response: Response) -> bool:
    return "/envelope/" in response.url and '"type":"event"' in (response.request.post_data or "")


def press(page: Page, url: str, buttons: list[str]) -> list[int]:
    """The statuses of what the SDK sent; it has sent all when this returns."""
    answers: list[int] = []

    def note(response: Response) -> None:
        if response.request.method == "POST":
            answers.append(response.status)

    page.on("response", note)
    page.goto(url)
    with page.expect_response(is_event, timeout=10_000):
        for button in buttons:
            page.locator(f"#{button}").click()
    page.evaluate("() => Sentry.close(3000)")
    return answers


server = served()
with sync_playwright() as player:
    browser = player.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    print(*press(browser.new_page(), f"http://localhost:{server.server_port}/", sys.argv[1:]))
    browser.close()
