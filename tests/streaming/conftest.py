"""A real stream process on the test database, and real clients."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection
from websockets.sync.client import ClientConnection, connect

from apikeys import services as keys
from audit.actors import SYSTEM
from bugs.models import Membership, Project, User
from config import programs
from streaming import broadcast, redis_client
from tests.streaming import described, serving


@pytest.fixture(autouse=True)
def loud() -> None:
    """Another test's Redis outage must not quieten this one."""
    broadcast._quiet_until = 0.0
    redis_client.within.cache_clear()


@pytest.fixture
def web(transactional_db: None) -> Project:
    return Project.objects.create(number=1, key="WEB", name="Web shop")


@pytest.fixture
def ops(transactional_db: None) -> Project:
    """A project that carol is no member of."""
    return Project.objects.create(number=2, key="OPS", name="Operations")


@pytest.fixture
def carol(web: Project) -> User:
    user = User.objects.create_user("carol", password="carol's password")
    Membership.objects.create(project=web, user=user, role="viewer")
    return user


@pytest.fixture
def key(carol: User) -> tuple[Any, str]:
    """A reading key of carol and its secret."""
    return keys.issue(name="reader", owner_id=carol.pk, permissions={"read"}, by=SYSTEM)


class StreamProcess:
    """A stream process that serves this test's database; it can end, and begin again at the same address."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def start(self) -> None:
        name = connection.settings_dict["NAME"]
        database, _, query = os.environ["DATABASE_URL"].partition("?")
        url = f"{database.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        self._running = subprocess.Popen(programs.stream_command(self.port), env={**os.environ, "DATABASE_URL": url})
        _wait(f"http://{self.address}/readyz")

    def end(self, *, suddenly: bool = False) -> None:
        (self._running.kill if suddenly else self._running.terminate)()
        self._running.wait(10)


@pytest.fixture
def stream_process(transactional_db: None) -> Iterator[StreamProcess]:
    one = StreamProcess()
    try:
        one.start()
        yield one
    finally:
        one.end()


@pytest.fixture
def server(transactional_db: None, request: Any) -> Iterator[str]:
    """The address of the stream: of the process where a test asks for one, else of a thread."""
    if "stream_process" in request.fixturenames:
        yield request.getfixturevalue("stream_process").address
        return
    with serving.in_a_thread() as address:
        yield address


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


class Client:
    """A stream client that reads one message at a time, and compares each with the AsyncAPI document."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link
        self.types: dict[str, str] = {}  # of its subscriptions

    def send(self, op: str, **fields: Any) -> None:
        self.link.send(orjson.dumps({"op": op, **fields}).decode())

    def next(self, timeout: float = 5.0) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads(self.link.recv(timeout))
        if message["op"] == "subscribed":
            self.types[message["id"]] = message["type"]
        described.check_heard(message, self.types)
        return message

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        self.send(op, **fields)
        answer = self.next()
        described.check_said({"op": op, **fields}, answer)
        return answer

    def hears_nothing(self, seconds: float) -> bool:
        try:
            self.link.recv(seconds)
        except TimeoutError:
            return True
        return False


@pytest.fixture
def client(server: str, key: tuple[Any, str]) -> Iterator[Callable[..., Client]]:
    """Opens sockets, with carol's key unless told otherwise."""
    with ExitStack() as open_links:

        def open_(
            token: str | None = key[1],
            origin: str | None = None,
            headers: dict[str, str] | None = None,
            subprotocols: Sequence[str] = ("bugwire.v1",),
        ) -> Client:
            sent = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
            link = connect(
                f"ws://{server}/ws/v1/stream",
                additional_headers=sent,
                origin=origin,
                subprotocols=subprotocols,
            )
            return Client(open_links.enter_context(link))

        yield open_


@pytest.fixture
def listener(client: Callable[..., Client]) -> Callable[..., Client]:
    """A client that is welcomed and subscribed."""

    def listen(**subscription: Any) -> Client:
        one = client()
        assert one.next()["op"] == "welcome"
        answer = one.ask("subscribe", **{"id": "s1", "type": "new_bugs", **subscription})
        assert answer["op"] == "subscribed", answer
        one.token = answer["resume"]
        return one

    return listen


@pytest.fixture
def short_lived() -> Iterator[None]:
    """The threads of a hub must keep no connection that the test's database waits for."""
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = 0
    yield
    connection.settings_dict["CONN_MAX_AGE"] = kept


@pytest.fixture
def session_cookie(carol: User) -> str:
    from django.test import Client as Browser

    browser = Browser()
    browser.force_login(carol)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
