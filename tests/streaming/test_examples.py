"""The examples in docs/examples run as they stand, also across a restart of the server."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from apikeys import services as keys
from audit.actors import SYSTEM
from bugs import services
from bugs.models import Project
from tests.streaming.conftest import StreamProcess

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FOLLOW = [sys.executable, str(EXAMPLES / "follow.py")]
pytestmark = pytest.mark.django_db(transaction=True)


class Program:
    """A program whose lines are read as they come."""

    def __init__(self, command: list[str], secret: str) -> None:
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "BUGWIRE_KEY": secret},
        )
        self.lines: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(json.loads(line))

    def next(self, op: str = "event") -> dict[str, Any]:
        while (message := self.lines.get(timeout=30))["op"] != op:
            pass
        return message

    def until(self, title: str) -> None:
        while self.titles(1) != [title]:
            pass

    def titles(self, count: int) -> list[str]:
        return [self.next()["event"]["metadata"]["bug"]["title"] for _ in range(count)]


@pytest.fixture
def run(key: tuple[Any, str]) -> Iterator[Callable[..., Program]]:
    """Starts an example, with carol's key unless told otherwise."""
    running: list[Program] = []

    def start(*command: str, secret: str = key[1]) -> Program:
        running.append(Program(list(command), secret))
        return running[-1]

    yield start
    for one in running:
        one.process.terminate()
        one.process.wait(10)


def report(project: Project, title: str) -> None:
    services.report(project_id=project.pk, by=SYSTEM, title=title, severity="high")


def test_python_goes_on_where_it_was(
    run: Callable[..., Program], stream_process: StreamProcess, web: Project, tmp_path: Path
) -> None:
    report(web, "first")
    state, url = tmp_path / "place", f"ws://{stream_process.address}/ws/v1/stream"
    state.write_text("made-up.1")
    program = run(*FOLLOW, url, "--filter", "severity:high", "--state", str(state))
    assert program.next("gap")["reason"] == "unknown_token"
    report(web, "second")
    assert program.titles(1) == ["second"]
    stream_process.end(suddenly=True)
    report(web, "while the server is away")
    stream_process.start()
    report(web, "after it")
    assert program.titles(2) == ["while the server is away", "after it"]
    stream_process.end()
    stream_process.start()
    report(web, "after a restart")
    assert program.titles(1) == ["after a restart"]
    program.process.terminate()
    program.process.wait(10)
    report(web, "while the program is away")
    again = run(*FOLLOW, url, "--state", str(state))
    again.until("while the program is away")  # what came last may come once more


def test_python_stops_when_the_key_ends(run: Callable[..., Program], server: str, key: Any, tmp_path: Path) -> None:
    state = tmp_path / "place"
    state.write_text("made-up.1")
    program = run(*FOLLOW, f"ws://{server}/ws/v1/stream", "--state", str(state))
    program.next("gap")
    keys.revoke(key[0].pk, by=SYSTEM)
    assert program.process.wait(15) == 1
    assert "4010" in (program.process.stderr or sys.stdin).read()


@pytest.mark.parametrize("more", [["no such type"], ["new_bugs", "--filter", "((("]])
def test_python_stops_when_what_it_asks_for_is_wrong(run: Callable[..., Program], server: str, more: list[str]) -> None:
    assert run(*FOLLOW, f"ws://{server}/ws/v1/stream", *more).process.wait(15) == 1


def test_curl_goes_on_where_it_was(run: Callable[..., Program], stream_process: StreamProcess, web: Project) -> None:
    url = f"http://{stream_process.address}/api/v1/stream/?type=new_bugs&severity=high"
    program = run("sh", str(EXAMPLES / "follow.sh"), url)
    program.next("subscribed")
    report(web, "first")
    assert program.titles(1) == ["first"]
    stream_process.end(suddenly=True)
    report(web, "while the server is away")
    stream_process.start()
    program.until("while the server is away")
