"""A project, its people, and a receiver that answers what a test tells it to."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.functions import Now

from audit import log
from audit.actors import SYSTEM, Principal
from bugs.models import Project
from integrations import dispatch, services
from integrations.models import Delivery, Endpoint


@pytest.fixture(scope="session", autouse=True)
def _emptied_between_tests() -> Iterator[None]:
    """History refuses TRUNCATE, with which pytest-django empties its own throw-away database."""
    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, sql: list[str]) -> None:
        flush(self, ["SET session_replication_role = replica", *sql, "RESET session_replication_role"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", without_triggers)
        yield


@dataclass
class Receiver:
    """What came in, and what goes out: one (status, headers, body) per call, the last one for ever."""

    url: str = ""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, b"thanks")])
    delay: float = 0.0

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.OUTBOUND_PLAIN_HTTP = True
    kept = Receiver()

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # a batch arrives at once

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(kept.delay)
            status, headers, text = kept.answer()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(text)
            except OSError:
                pass

        def log_message(self, *args: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(number=1, key="WEB", name="Web shop")


@pytest.fixture
def alice(project: Project) -> Principal:
    return _principal("alice", {project.pk: "admin"})


@pytest.fixture
def carol(project: Project) -> Principal:
    return _principal("carol", {project.pk: "viewer"})


@pytest.fixture
def mallory(db: None) -> Principal:
    other = Project.objects.create(number=2, key="EVIL", name="Elsewhere")
    return _principal("mallory", {other.pk: "admin"})


@pytest.fixture
def endpoint(receiver: Any, project: Project, alice: Principal) -> Endpoint:
    return services.create_endpoint(project_id=project.pk, url=receiver.url, event_types=["bug.*"], by=alice)[0]


def happen(project: Project, event_type: str = "bug.created") -> Any:
    with transaction.atomic():
        return log.record(event_type, subject="bug:1", project_id=project.pk, by=SYSTEM, data={"number": 7})


def make_due(**changes: Any) -> None:
    past = Now() - timedelta(seconds=1)
    Delivery.objects.update(next_attempt_at=past, **changes)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=past)


def owe(endpoint: Endpoint) -> Delivery:
    happen(endpoint.project)
    dispatch.dispatch()
    return Delivery.objects.latest("created_at")


def _principal(name: str, roles: dict[UUID, str]) -> Principal:
    sets = {project_id: frozenset({role}) for project_id, role in roles.items()}
    return Principal(label=f"user:{name}", name=name, roles=sets)
