"""HTTP over many kept-alive connections with as little work as possible, and what came back of it."""

import asyncio
import itertools
import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import uvloop

from bench import servers
from bench.figures import percentile

PATIENCE = 20.0  # seconds for an answer
_CHUNKED, _LAST_CHUNK = -1, b"\r\n0\r\n\r\n"


@dataclass(slots=True)
class Answers:
    """taken: seconds by status (0: no answer), from the scheduled time of each request or from its sending."""

    taken: dict[int, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    without_retry: int = 0  # of the 503s

    def add(self, status: int, seconds: float) -> None:
        self.taken.setdefault(status, []).append(seconds)

    @property
    def counts(self) -> Counter[int]:
        return Counter({status: len(times) for status, times in self.taken.items()})

    @property
    def errors(self) -> int:
        return sum(count for status, count in self.counts.items() if status != 200)

    def ms(self, share: float, status: int = 200) -> float:
        times = self.taken.get(status)
        return percentile(times, share) * 1000 if times else float("nan")

    def figures(self) -> dict[str, float]:
        found = {f"p{share}": self.ms(share / 100) for share in (50, 95, 99)}
        return found | {"per_second": self.counts[200] / self.seconds, "errors": float(self.errors)}


class _Wire(asyncio.Protocol):
    """One connection: one request at a time, its answer read no further than needed."""

    def __init__(self) -> None:
        self._read = bytearray()
        self._end = 0
        self._is_last = False
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._read.clear()
        self._end = 0
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not self._end and not self._find_end():
            return
        whole = self._read.endswith(_LAST_CHUNK) if self._end == _CHUNKED else len(self._read) >= self._end
        if whole and self._answer and not self._answer.done():
            self._answer.set_result((int(self._read[9:12]), bytes(self._read)))
            if self._is_last and self.transport:
                self.transport.close()

    def _find_end(self) -> bool:
        head_end = self._read.find(b"\r\n\r\n")
        if head_end < 0:
            return False
        head = bytes(self._read[:head_end]).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        self._end = _CHUNKED if b"transfer-encoding: chunked" in head else head_end + 4 + int(length or 0)
        self._is_last = b"connection: close" in head
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._answer and not self._answer.done():
            self._answer.set_result((0, b""))


async def _connect(port: int) -> _Wire:
    _, wire = await asyncio.get_running_loop().create_connection(_Wire, servers.HOST, port)
    return wire


async def _ask(wire: _Wire, port: int, request: bytes, since: float, answers: Answers) -> _Wire:
    """One answer on a connection, which is made anew when the server has closed it."""
    try:
        if wire.transport is None or wire.transport.is_closing():
            wire = await _connect(port)
        status, head = await asyncio.wait_for(wire.ask(request), PATIENCE)
    except (OSError, TimeoutError):
        status, head = 0, b""
        if wire.transport:
            wire.transport.abort()
    answers.add(status, time.perf_counter() - since)
    answers.without_retry += status == 503 and b"etry-" not in head[:600]
    return wire


def at_rate(port: int, request: Callable[[], bytes], *, rate: float, seconds: float, connections: int = 16) -> Answers:
    """Open loop: requests leave at their times whether or not answers come; late ones count from their time."""
    return uvloop.run(_at_rate(port, request, rate, seconds, connections))


async def _at_rate(port: int, request: Callable[[], bytes], rate: float, seconds: float, connections: int) -> Answers:
    answers = Answers()
    free = deque([await _connect(port) for _ in range(connections)])
    late: deque[float] = deque()
    running: set[asyncio.Task[None]] = set()

    async def serve(wire: _Wire, due: float) -> None:
        wire = await _ask(wire, port, request(), due, answers)
        while late:
            wire = await _ask(wire, port, request(), late.popleft(), answers)
        free.append(wire)

    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        if free:
            task = asyncio.ensure_future(serve(free.popleft(), due))
            running.add(task)
            task.add_done_callback(running.discard)
        else:
            late.append(due)
    while running:
        await asyncio.wait(running)
    answers.seconds = time.perf_counter() - began
    for wire in free:
        if wire.transport:
            wire.transport.close()
    return answers


def busy(
    port: int, request: Callable[[], bytes], *, seconds: float, connections: int = 16, count: float = math.inf
) -> Answers:
    """Closed loop: each connection asks again as soon as it has its answer, until the time or the count is reached."""
    return uvloop.run(_busy(port, request, seconds, connections, count))


async def _busy(port: int, request: Callable[[], bytes], seconds: float, connections: int, count: float) -> Answers:
    answers = Answers()
    until = time.perf_counter() + seconds
    turns = itertools.count(1)

    async def one() -> None:
        wire = await _connect(port)
        while (now := time.perf_counter()) < until and next(turns) <= count:
            wire = await _ask(wire, port, request(), now, answers)
        if wire.transport:
            wire.transport.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    answers.seconds = time.perf_counter() - began
    return answers
