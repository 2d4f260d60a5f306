"""Calls that fail on the way to an error: the SDK notes them as breadcrumbs by itself."""

import contextlib
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import sentry_sdk


class Supplier(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/stock": 500, "/me": 401}.get(self.path.partition("?")[0], 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


supplier = HTTPServer(("127.0.0.1", 0), Supplier)
threading.Thread(target=supplier.serve_forever, daemon=True).start()
sentry_sdk.init()
for path in ("/ok", "/stock?token=secret", "/me"):
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{supplier.server_port}{path}").close()
print(sentry_sdk.capture_message("the stock is unknown", level="error"))
sentry_sdk.flush()
