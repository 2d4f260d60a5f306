"""The processes of `make run` on this test's database, and the place that the demo's story is told about."""

import io
import json
import os
import random
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.management import call_command

from config import processes, programs, supervisor
from demo import story

READY_SECONDS = 40.0


@pytest.fixture
def place(transactional_db: None, valkey: Any, settings: Any) -> Iterator[story.Place]:
    web, stream = free_port(), free_port()
    settings.PUBLIC_URL = f"http://127.0.0.1:{web}"
    run = bootstrap()
    with ExitStack() as started:
        for argv in commands(web, stream):
            process = processes.launch(argv, env=environment(settings, web, stream))
            started.callback(processes.end, process, signal.SIGTERM, 10)
        for port in (web, stream):
            wait_until_ready(port)
        names = ("api_key", "dsn", "project", "operator")
        url = f"ws://127.0.0.1:{stream}/ws/v1/stream"
        yield story.Place(web=settings.PUBLIC_URL, stream=url, **{name: run[name] for name in names})


def free_port() -> int:
    """Below the range that outgoing connections take theirs from."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def bootstrap() -> dict[str, Any]:
    said = io.StringIO()
    call_command("bootstrap", stdout=said)
    return json.loads(said.getvalue())


def commands(web: int, stream: int) -> list[list[str]]:
    celery = [sys.executable, "-m", "celery", "-q", "-A", "config.celery", "worker", "--without-heartbeat"]
    celery += ["--loglevel", "warning"]
    return [
        programs.web_command(web),
        programs.stream_command(stream),
        [*celery, *programs.WORKER.split()],
        [*celery, *programs.DIGEST.split(), "-n", "digest@%h"],
    ]


def environment(settings: Any, web: int, stream: int) -> dict[str, str]:
    server, _, query = os.environ["DATABASE_URL"].partition("?")
    database = f"{server.rpartition('/')[0]}/{settings.DATABASES['default']['NAME']}"
    return {
        **os.environ,
        **supervisor.ON_THIS_MACHINE,
        "DATABASE_URL": f"{database}?{query}" if query else database,
        "PORT": str(web),
        "STREAM_PORT": str(stream),
    }


def wait_until_ready(port: int) -> None:
    limit = time.monotonic() + READY_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5)
            return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)
