"""A shop whose bugs the specification's table is tried on, row by row."""

import json
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from bugs.ingest.digest import digester

KEY = "0" * 32
EXPORT = {"resource": "bugs", "format": "json", "project": "WEB"}
CRUMBS = [
    {"category": "ui.click", "message": "button#pay"},
    {"type": "http", "category": "fetch", "data": {"url": "/pay", "method": "POST", "status_code": 500}},
    {"type": "http", "category": "fetch", "data": {"url": "/me", "method": "GET", "status_code": 401}},
]
CRASH = {
    "level": "error",
    "exception": [{"type": "TypeError", "value": "basket is null"}],
    "breadcrumbs": CRUMBS,
    "fingerprint": ["basket"],
    "release": "2.4.1",
    "environment": "production",
    "user": {"id": "7"},
    "tags": {"component": "checkout", "session_id": "s-1"},
    "contexts": {
        "browser": {"name": "Safari"},
        "device": {"memory_size": 8_000, "free_memory": 1_000},
    },
}


class Shop:
    """WEB-1 was reported by hand; WEB-2 was filed by errors."""

    def __init__(self, client: Any, visitor: Any, number: int) -> None:
        self.client, self.visitor, self.number = client, visitor, number

    def get(self, path: str, **parameters: Any) -> Any:
        return self._body(self.client.get(f"/api/v1/{path}", parameters), 200)

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        return self._body(self.client.post(f"/api/v1/{path}", body, format="json"), status)

    def crash(self, **more: Any) -> None:
        sent = json.dumps({**CRASH, **more})
        url = f"/api/{self.number}/store/?sentry_key={KEY}"
        assert self.visitor.post(url, sent, content_type="application/json").status_code == 200
        digester.digest_waiting()

    def attach(self, bug: str) -> None:
        file = SimpleUploadedFile("trace.log", b"TypeError: basket is null", "text/plain")
        answer = self.client.post(f"/api/v1/bugs/{bug}/attachments/", {"file": file}, format="multipart")
        assert answer.status_code == 201, answer.content

    def references(self, **parameters: Any) -> list[str]:
        return [bug["reference"] for bug in self.get("bugs/", **parameters)["results"]]

    def report(self) -> Any:
        return self.get(f"errors/{self.get('errors/')['results'][0]['id']}/")

    def pattern(self) -> Any:
        return self.get(f"error-patterns/{self.get('error-patterns/')['results'][0]['id']}/")

    @staticmethod
    def _body(answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.content
        return answer.json()


# Row of the table: what tries it.
ROWS: dict[str, Callable[[Shop], None]] = {}


def row(name: str) -> Callable[[Callable[[Shop], None]], Callable[[Shop], None]]:
    def keep(check: Callable[[Shop], None]) -> Callable[[Shop], None]:
        assert name not in ROWS
        ROWS[name] = check
        return check

    return keep
