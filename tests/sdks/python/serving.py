"""Serve a WSGI application once per path on this machine, and call it as a client would."""

import contextlib
import threading
import urllib.error
import urllib.request
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

HEADERS = {"Authorization": "Bearer secret", "Cookie": "session=secret", "User-Agent": "shop-app/2.1"}


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


def call(application: Any, *paths: str) -> None:
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for path in paths:
        request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}{path}", headers=HEADERS)
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request).close()
    server.shutdown()
