"""kill -9 of each process of `make run` while bugs and errors come in: what was acknowledged is there, and was told."""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook

from config import processes
from demo.receiver import Receiver
from tests.journeys.conftest import free_port

OWN_SERVERS = ("DATABASE_URL", "REDIS_URL", "BROKER_URL")


@pytest.fixture
def run_file(tmp_path: Path) -> Iterator[Path]:
    """A whole `make run` of its own, with its own PostgreSQL and Valkey."""
    env = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
    env |= {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "STREAM_PORT": str(free_port())}
    supervisor = processes.launch([sys.executable, "-m", "config.supervisor"], env=env)
    file = tmp_path / "run.json"
    wait_for(file.exists, 60)  # written as soon as there is a key to lose, before the doors answer
    yield file
    processes.end(supervisor, signal.SIGINT, 20)


def test_nothing_acknowledged_is_lost_when_processes_are_killed(run_file: Path) -> None:
    run = json.loads(run_file.read_text())
    client = httpx.Client(base_url=run["web"], headers={"Authorization": f"Bearer {run['api_key']}"}, timeout=5)
    acknowledged: set[str] = set()
    events_acknowledged: set[str] = set()
    wait_for(lambda: answers(client), 60)
    with Receiver() as receiver:
        hook = client.post(
            "/api/v1/webhooks/", json={"project": "WEB", "url": receiver.url, "event_types": ["bug.created"]}
        ).json()
        for name in ("web", "digest1", "worker", "valkey", "digest2", "postgres", "stream", "beat"):
            wait_for(lambda: answers(client), 60)
            killer = threading.Timer(0.3, kill, [run_file, name])
            killer.start()
            with crashing(run["dsn"]) as sent:
                acknowledged |= report_bugs(client, seconds=1.5)
            events_acknowledged |= sent
            killer.join()
        wait_for(lambda: answers(client), 60)
        told = told_of(acknowledged, receiver, Webhook(hook["secret"]))

        wait_for(lambda: read_all(client, events_acknowledged), 120)
    assert len(events_acknowledged) > 10
    assert len(acknowledged) > 10
    assert acknowledged <= listed(client)
    assert set(told) == acknowledged
    kinds = Counter(step["type"] for step in events(client) if step["subject"].removeprefix("bug:") in acknowledged)
    assert kinds == {"bug.created": len(acknowledged)}


def kill(run_file: Path, name: str) -> None:
    os.kill(json.loads(run_file.read_text())["pids"][name], signal.SIGKILL)


def report_bugs(client: httpx.Client, seconds: float) -> set[str]:
    """The ids of those that the server said it has."""
    made, end = set(), time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            answer = client.post("/api/v1/bugs/", json={"project": "WEB", "title": "Under fire"})
        except httpx.HTTPError:
            continue
        assert answer.status_code in (201, 503), answer.text
        if answer.status_code == 201:
            made.add(answer.json()["id"])
        time.sleep(0.02)
    return made


@contextmanager
def crashing(dsn: str) -> Iterator[set[str]]:
    """Errors are sent meanwhile; the ids of those that the server said it has."""
    address, kept, stop = urlsplit(dsn), set[str](), threading.Event()
    url = f"http://{address.hostname}:{address.port}/api{address.path}/envelope/?sentry_key={address.username}"

    def send() -> None:
        while not stop.wait(0.01):
            event_id = uuid4().hex
            event = json.dumps({"exception": [{"type": "Crash", "value": "under fire"}]})
            body = f'{{"event_id":"{event_id}"}}\n{{"type":"event"}}\n{event}\n'
            with suppress(httpx.HTTPError):
                if httpx.post(url, content=body, timeout=5).status_code == 200:
                    kept.add(event_id)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield kept
    finally:
        stop.set()
        thread.join()


def read_all(client: httpx.Client, event_ids: set[str]) -> bool:
    """Whether the outcome of each is that it was accepted; those of the past are not asked for again."""
    for event_id in list(event_ids - _read):
        answer = client.get(f"/api/v1/ingest/outcomes/{event_id}/")
        if answer.status_code != 200 or answer.json()["outcome"] != "accepted":
            return False
        _read.add(event_id)
    return True


_read: set[str] = set()


def told_of(wanted: set[str], receiver: Receiver, webhook: Webhook) -> Counter[str]:
    told: Counter[str] = Counter()
    end = time.monotonic() + 60
    while not wanted <= set(told) and time.monotonic() < end:
        try:
            received = receiver.next(1)
        except queue.Empty:
            continue
        bug_id = webhook.verify(received.body, received.headers)["data"]["bug_id"]
        if bug_id in wanted:  # a bug may be there whose acknowledgement was cut off
            told[bug_id] += 1
    return told


def listed(client: httpx.Client) -> set[str]:
    return {row["id"] for row in pages(client, "/api/v1/bugs/?limit=200")}


def events(client: httpx.Client) -> list[dict[str, Any]]:
    return list(pages(client, "/api/v1/audit/events/?limit=200"))


def pages(client: httpx.Client, url: str | None) -> Iterator[dict[str, Any]]:
    while url:
        page = client.get(url).raise_for_status().json()
        yield from page["results"]
        url = page["next"]


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(true: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
