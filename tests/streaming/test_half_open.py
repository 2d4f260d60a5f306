"""A peer that is no longer there, without a word: its socket is gone within two beats."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from audit.models import AccessRecord
from config.stream import server as stream_server
from streaming.fanout import tailing
from tests.streaming import serving

pytestmark = pytest.mark.django_db(transaction=True)
BEAT_SECONDS = 1.0
OUR_ADDRESS, THEIR_ADDRESS = "10.213.77.1", "10.213.77.2"
CLIENT = """
import sys
from websockets.sync.client import connect
with connect(f"ws://{sys.argv[1]}/ws/v1/stream", additional_headers={"Authorization": f"Bearer {sys.argv[2]}"}) as link:
    print(link.recv(10), flush=True)
    while link.recv():
        link.send('{"op": "pong"}')
"""


@pytest.fixture
def fast_hearts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat a second, both of RFC 6455 and of ours."""
    for name in ("ws_ping_interval", "ws_ping_timeout"):
        monkeypatch.setitem(stream_server.OPTIONS, name, BEAT_SECONDS)
    monkeypatch.setattr(tailing, "PING_SECONDS", BEAT_SECONDS)
    monkeypatch.setattr(tailing, "SILENCE_SECONDS", 2 * BEAT_SECONDS)


def _wait_until_gone() -> int:
    """The code in the record of a socket's end."""
    end = time.monotonic() + 2 * BEAT_SECONDS + 5  # and time to write it down, on a busy machine
    while time.monotonic() < end:
        if found := AccessRecord.objects.filter(operation="stream_close").first():
            return found.status
        time.sleep(0.1)
    raise TimeoutError("the socket is still there")


def _welcomed(prefix: list[str], address: str, token: str, running: ExitStack) -> subprocess.Popen[str]:
    argv = [*prefix, sys.executable, "-c", CLIENT, address, token]
    client = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
    running.callback(client.wait)
    running.callback(client.kill)
    assert client.stdout is not None and "welcome" in client.stdout.readline()
    return client


def test_a_client_that_was_stopped_is_gone(fast_hearts: None, server: str, key: tuple[Any, str]) -> None:
    with ExitStack() as running:
        client = _welcomed([], server, key[1], running)
        time.sleep(2.5 * BEAT_SECONDS)  # as long as it answers, it stays
        assert not AccessRecord.objects.filter(operation="stream_close").exists()
        client.send_signal(signal.SIGSTOP)
        assert _wait_until_gone() != 1000


@pytest.fixture
def far_away() -> Iterator[tuple[str, str]]:
    """A network of its own with one link to here: its name, and the name of our end of the link."""
    name, ours, theirs = f"bw{os.getpid()}", f"bwa{os.getpid()}", f"bwb{os.getpid()}"
    if not shutil.which("ip") or not _runs("ip", "netns", "add", name):
        pytest.skip("this machine lets us make no network of our own")
    try:
        if not _runs("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name):
            pytest.skip("this machine lets us make no link")
        inside = ["ip", "netns", "exec", name, "ip"]
        for command in (
            ["ip", "addr", "add", f"{OUR_ADDRESS}/30", "dev", ours],
            ["ip", "link", "set", ours, "up"],
            [*inside, "addr", "add", f"{THEIR_ADDRESS}/30", "dev", theirs],
            [*inside, "link", "set", theirs, "up"],
        ):
            assert _runs(*command)
        yield name, ours
    finally:
        _runs("ip", "link", "del", ours)
        _runs("ip", "netns", "del", name)


def _runs(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_client_whose_network_went_down_is_gone(
    far_away: tuple[str, str], fast_hearts: None, key: tuple[Any, str]
) -> None:
    name, ours = far_away
    with serving.in_a_thread(OUR_ADDRESS) as address, ExitStack() as running:
        client = _welcomed(["ip", "netns", "exec", name], address, key[1], running)
        assert _runs("ip", "link", "set", ours, "down")
        assert _wait_until_gone() != 1000
        assert client.poll() is None  # it was told nothing
