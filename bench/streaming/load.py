"""What is measured of a stream process with so many sockets: connecting, waiting, and changes on their way to them."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.figures import percentile
from bench.streaming import changes
from bench.streaming.changes import Changes
from bench.streaming.client import Subscription
from bench.streaming.crowd import AT_ONCE, Crowd

WARM_SOCKETS, WARM_CHANGES = 50, 3
SETTLE_SECONDS = 1.0
ALL: Subscription = {"type": "bug_updates", "format": "json"}
# Each matches what is measured; a quarter of the sockets ask one of them.
FILTERS = (
    {"status": ["triaged", "in_progress"]},
    {"q": "changed:status is:open"},
    {"q": "status:triaged,in_progress -is:merged"},
    {"created_after": "2000-01-01T00:00:00Z", "q": "is:open"},
)
PLAIN = "--no-access-log --log-level warning --no-server-header --ws-per-message-deflate false --backlog 4096"
UNLIMITED = {"STREAM_SOCKETS": "20000", "STREAM_SOCKETS_PER_CALLER": "20000"}


@dataclass(frozen=True, slots=True)
class Paced:
    """count: changes. per_second: at which pace."""

    count: int
    per_second: float


@dataclass(frozen=True, slots=True)
class Connected:
    """accepts: a second, each until it is subscribed. kib: that one idle socket takes."""

    accepts: float
    accept_cpu_ms: float
    kib: float


@dataclass(frozen=True, slots=True)
class Delivered:
    """p50, p99: milliseconds from commit. cpu_us: of all that the process does meanwhile. missing: over all sockets."""

    p50: float
    p99: float
    cpu_us: float
    missing: int
    gaps: int


@contextmanager
def serving(argv: Callable[[int], list[str]], log: Path) -> Iterator[tuple[int, int]]:
    """A server that a command line for a port starts, without our limits; yields its port and process id."""
    port = servers.free_port()
    with servers.serving(argv(port), port, log, {**os.environ, **UNLIMITED}) as pid:
        yield port, pid


def uvicorn(application: str, websockets: str) -> Callable[[int], list[str]]:
    return lambda port: python(f"uvicorn {application} --port {port} --ws {websockets} {PLAIN}")


def python(arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments.split()]


def subscriptions(count: int) -> list[Subscription | None]:
    filtered: list[Subscription] = [{**ALL, "filters": one} for one in FILTERS]
    return [filtered[number // 4 % len(filtered)] if number % 4 == 0 else ALL for number in range(count)]


def connect(
    pid: int, crowd: Crowd, asked: list[Subscription | None], moved: Changes, at_once: int = AT_ONCE
) -> Connected:
    """A socket for each of what is asked; the first few load what later ones find."""
    few = max(1, min(WARM_SOCKETS, len(asked) // 10))
    crowd.open(asked[:few])
    deliver(crowd, moved.make, Paced(WARM_CHANGES, 10.0), few)
    time.sleep(SETTLE_SECONDS)
    rest = asked[few:]
    held, used = memory_kib(pid), servers.cpu_seconds(pid)
    seconds = crowd.open(rest, at_once=at_once)
    used = servers.cpu_seconds(pid) - used
    time.sleep(SETTLE_SECONDS)
    return Connected(
        accepts=len(rest) / seconds,
        accept_cpu_ms=used / len(rest) * 1000,
        kib=(memory_kib(pid) - held) / len(rest),
    )


def measure(pid: int, crowd: Crowd, moved: Changes, pace: Paced) -> Delivered:
    """Changes on their way to all sockets."""
    sockets = crowd.state().ready
    crowd.forget()
    moved.forget()
    used = servers.cpu_seconds(pid)
    deliver(crowd, moved.make, pace, sockets)
    used = servers.cpu_seconds(pid) - used
    heard = crowd.compare(moved.commits())
    delays = list(heard.delays)
    return Delivered(
        p50=percentile(delays, 0.5) * 1000,
        p99=percentile(delays, 0.99) * 1000,
        cpu_us=used / len(delays) * 1e6,
        missing=heard.missing,
        gaps=crowd.state().gaps,
    )


def deliver(crowd: Crowd, change: Callable[[], None], pace: Paced, sockets: int) -> None:
    before = crowd.count()
    changes.paced(change, pace.count, pace.per_second)
    crowd.wait_for(before + pace.count * sockets)


def memory_kib(pid: int) -> float:
    """Of a process and those below it. Pages of files are left out: their share grows when another program ends."""
    return sum(_pss(one) for one in {pid, *servers.workers(pid)})


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return float(line.split()[1])
    return 0.0
