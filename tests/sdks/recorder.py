"""A server that answers as Bugwire does and keeps the envelopes that it was sent, decoded."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bugs.ingest.wire import decoding

LIMIT = 100 * 1024 * 1024
HEADERS = {
    "X-Sentry-Rate-Limits": "86400:transaction;span;profile;replay;log_item;monitor:organization",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "X-Sentry-Rate-Limits",
}


class Recorder(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.bodies: list[bytes] = []
        self.heads: list[str] = []

    @property
    def dsn(self) -> str:
        return f"http://{'0' * 32}@127.0.0.1:{self.server_port}/1"


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def do_OPTIONS(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self.server.heads.append(f"{self.requestline}\n{self.headers}")
        body = decoding.decode(self._body(), self.headers.get("Content-Encoding", ""), LIMIT)
        self.server.bodies.append(body)
        self._answer(b"{}")

    def log_message(self, *args: Any) -> None:
        """Nobody reads it."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()


@contextmanager
def recording() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
