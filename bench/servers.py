"""The servers under load: started as `make run` starts them, and what CPU time they used."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config import processes, programs, watch

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 18_100, 1_000
START_SECONDS = 60.0
CELERY_SECONDS = 5.0  # until a worker works
_TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Below the range from which the kernel takes ports for outgoing connections; another run looks elsewhere first."""
    for port in random.sample(range(FIRST_PORT, FIRST_PORT + PORTS), PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


@contextmanager
def web(application: str, settings: str, log: Path) -> Iterator[tuple[int, int]]:
    """Granian with the flags of `make run`; yields its port and process id."""
    port = free_port()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings}
    with serving(programs.web_command(port, application), port, log, environment) as pid:
        yield port, pid


@contextmanager
def naive(server: str, log: Path) -> Iterator[tuple[int, int]]:
    """The naive site on `daphne` with Django's default connections, or on `gunicorn` with threads and kept ones."""
    port = free_port()
    environment = {"DJANGO_SETTINGS_MODULE": "bench.naive_settings"}
    if server == "daphne":
        arguments = f"-b {HOST} -p {port} --verbosity 0 bench.naive:asgi"
    else:
        arguments = f"--bind {HOST}:{port} --worker-class gthread --workers 2 --threads 4 --keep-alive 75 "
        arguments += "--log-level warning bench.naive:application"
        environment["NAIVE_CONN_MAX_AGE"] = "60"
    with _serving(server, arguments, port, log, **environment) as pid:
        yield port, pid


@contextmanager
def behind(log: Path) -> Iterator[dict[str, int]]:
    """What works behind the doors, as in `make run`; yields process ids. The digests start when the others have."""
    _, hands = programs.all_of(0, 0)
    digests = [one for one in hands if one.name.startswith("digest")]
    with ExitStack() as running:

        def start(one: watch.Program) -> int:
            return running.enter_context(running_program(one.argv, log, {**os.environ, **one.env}))

        others = {one.name: start(one) for one in hands if one not in digests}
        time.sleep(CELERY_SECONDS)
        yield others | {one.name: start(one) for one in digests}


@contextmanager
def _serving(module: str, arguments: str, port: int, log: Path, **environment: str) -> Iterator[int]:
    argv = [sys.executable, "-m", module, *arguments.split()]
    with serving(argv, port, log, {**os.environ, **environment}) as pid:
        yield pid


@contextmanager
def serving(argv: list[str], port: int, log: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """A process that listens; yields its id when it does."""
    with _launched(argv, log, environment) as process:
        _wait_for(process, port, log)
        yield process.pid


@contextmanager
def running_program(argv: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[int]:
    with _launched(argv, log, environment) as process:
        yield process.pid


@contextmanager
def _launched(argv: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = processes.launch(argv, env=environment, output=output)
    try:
        yield process
    finally:
        processes.end(process, signal.SIGTERM, grace=20)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                time.sleep(1.0)  # the other worker
                return
        time.sleep(0.05)
    raise RuntimeError(f"it does not listen on {port}; see {log}")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of all below it (Linux; elsewhere 0)."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        one = int(file.parent.name)
        parents[one], used[one] = int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICK
    return sum(used.get(one, 0.0) for one in _family(pid, parents))


def workers(pid: int) -> list[int]:
    """The processes below one, oldest first."""
    parents = {
        int(file.parent.name): int(file.read_text().rpartition(")")[2].split()[1])
        for file in Path("/proc").glob("[0-9]*/stat")
        if file.exists()
    }
    return sorted(_family(pid, parents) - {pid})


def _family(pid: int, parents: Mapping[int, int]) -> set[int]:
    family = {pid}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return family
