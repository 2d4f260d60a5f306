"""A process full of clients, as the documented one behaves: what each heard and when, on a clock that all share."""

import asyncio
import itertools
import random
import resource
import time
from array import array
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import orjson
import uvloop
from picows import WSFrame, WSHandshakeError, WSListener, WSMsgType, WSTransport, ws_connect

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds, as in static/stream.js
ANSWER_SECONDS = 15.0  # until a handshake is answered, as there
READY_SECONDS = 60.0
BUFFER = 4096
_EVENT, _ID = b'{"op":"event"', b'"event_id":"'
_PONG = b'{"op":"pong"}'
Subscription = Mapping[str, Any]


@dataclass(slots=True)
class Told:
    """What happened to the clients of a process, beside events."""

    connected: int = 0
    ready: int = 0
    gaps: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # handshakes, by status or error
    errors: Counter[str] = field(default_factory=Counter)
    goodbyes: Counter[int] = field(default_factory=Counter)
    cut: int = 0  # without a goodbye


@dataclass(slots=True)
class Heard:
    """Events that were expected. delays: seconds from commit of each that was heard first."""

    delays: "array[float]"
    missing: int
    twice: int


class Client(WSListener):
    """One socket with one subscription; where it comes back, it does so until it is closed."""

    def __init__(self, crowd: "Crowd", subscription: Subscription | None, first: int) -> None:
        self.crowd, self.subscription = crowd, subscription
        self.heard: list[tuple[bytes, float]] = []
        self.last = b""
        self.turn = first  # of the addresses
        self.transport: WSTransport | None = None
        self.ready: asyncio.Future[None] | None = None
        self.said_goodbye: dict[str, Any] | None = None

    async def connect(self) -> None:
        """Until it is subscribed."""
        self.ready = asyncio.get_running_loop().create_future()
        self.said_goodbye = None
        addresses = self.crowd.addresses
        await ws_connect(
            lambda: self,
            f"ws://{addresses[self.turn % len(addresses)]}/ws/v1/stream",
            extra_headers=self.crowd.headers,
            websocket_handshake_timeout=ANSWER_SECONDS,
            read_buffer_init_size=BUFFER,
        )
        async with asyncio.timeout(READY_SECONDS):
            await self.ready

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.crowd.told.connected += 1
        if self.subscription is None:
            self._is_ready()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            if frame.msg_type == WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code())
                transport.disconnect()
            return
        now = time.monotonic()
        text = frame.get_payload_as_bytes()
        if text.startswith(_EVENT):
            at = text.find(_ID) + len(_ID)
            self.heard.append((text[at : at + 36], now))
            self.last = text
            self.crowd.events += 1
        else:
            self._answer(transport, orjson.loads(text), text)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self.transport is None:
            return
        told, self.transport = self.crowd.told, None
        told.connected -= 1
        if self.ready is not None and self.ready.done():
            told.ready -= 1
        elif self.ready is not None:
            self.ready.set_exception(ConnectionError(str(self.said_goodbye or "cut")))
            self.ready.exception()
        told.cut += self.said_goodbye is None
        if self.crowd.comes_back and self.ready is not None and self.ready.exception() is None:
            self.crowd.start(self.come_back())

    async def come_back(self) -> None:
        """With full jitter under a doubling ceiling, to the next address each time."""
        goodbye = self.said_goodbye
        wait = goodbye["retry_ms"] / 1000 if goodbye and "retry_ms" in goodbye else random.random() * FIRST_WAIT
        for attempt in itertools.count(1):
            await asyncio.sleep(wait)
            self.turn += 1
            try:
                await self.connect()
            except (WSHandshakeError, OSError, TimeoutError) as error:
                self.crowd.told.refused[_kind(error)] += 1
                wait = random.random() * min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
            else:
                return

    def stall(self) -> None:
        assert self.transport is not None
        self.transport.underlying_transport.pause_reading()  # type: ignore[attr-defined]

    def resume(self) -> None:
        if self.transport is not None:
            self.transport.underlying_transport.resume_reading()  # type: ignore[attr-defined]

    def _answer(self, transport: WSTransport, message: Mapping[str, Any], text: bytes) -> None:
        match message["op"]:
            case "ping":
                transport.send(WSMsgType.TEXT, _PONG)
            case "welcome" if self.subscription is not None:
                resume = {"resume": orjson.loads(self.last)["resume"]} if self.last else {}
                asked = {"op": "subscribe", "id": "all", **self.subscription, **resume}
                transport.send(WSMsgType.TEXT, orjson.dumps(asked))
            case "subscribed":
                if not self.last:
                    self.last = text
                self._is_ready()
            case "gap":
                self.crowd.told.gaps += 1
            case "goodbye":
                self.said_goodbye = dict(message)
                self.crowd.told.goodbyes[message["code"]] += 1
            case "error":
                self.crowd.told.errors[message["code"]] += 1

    def _is_ready(self) -> None:
        assert self.ready is not None
        if not self.ready.done():
            self.crowd.told.ready += 1
            self.ready.set_result(None)


class Crowd:
    """The clients of this process, and what it is asked to do with them."""

    def __init__(self, addresses: Sequence[str], headers: Mapping[str, str]) -> None:
        self.addresses, self.headers = addresses, headers
        self.clients: list[Client] = []
        self.told = Told()
        self.events = 0
        self.comes_back = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, subscriptions: Sequence[Subscription | None], at_once: int, spread: int = 1) -> float:
        """So many more, each with its subscription, over the first `spread` addresses; seconds until all are there."""
        new = [Client(self, one, number % spread) for number, one in enumerate(subscriptions)]
        waiting = iter(new)
        began = time.monotonic()

        async def work() -> None:
            for client in waiting:
                await client.connect()

        await asyncio.gather(*(work() for _ in range(at_once)))
        self.clients += new
        return time.monotonic() - began

    async def count(self) -> int:
        return self.events

    async def state(self) -> Told:
        return self.told

    async def stall(self, count: int) -> None:
        """The first ones stop to read."""
        for client in self.clients[:count]:
            client.stall()

    async def resume(self, count: int) -> None:
        for client in self.clients[:count]:
            client.resume()

    async def come_back(self, how: bool) -> None:
        self.comes_back = how

    async def cut(self) -> None:
        """All of them at once, as if the network went."""
        for client in self.clients:
            if client.transport is not None:
                client.transport.disconnect(False)

    async def compare(self, commits: Mapping[str, float], first: int = 0) -> Heard:
        """What the clients from `first` on heard of events that were committed at these times."""
        expected = {name.encode(): at for name, at in commits.items()}
        found = Heard(array("d"), 0, 0)
        for client in self.clients[first:]:
            seen: set[bytes] = set()
            for name, at in client.heard:
                if name not in expected:
                    continue
                if name in seen:
                    found.twice += 1
                else:
                    seen.add(name)
                    found.delays.append(at - expected[name])
            found.missing += len(expected) - len(seen)
        return found

    async def forget(self) -> None:
        for client in self.clients:
            client.heard.clear()
        self.events = 0

    async def close(self) -> None:
        self.comes_back = False
        for task in self._tasks:
            task.cancel()
        await self.cut()
        self.clients.clear()

    def start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def run(pipe: Connection, addresses: Sequence[str], headers: Mapping[str, str]) -> None:
    """Do what comes through the pipe until it ends."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(_serve(pipe, Crowd(addresses, headers)))


async def _serve(pipe: Connection, crowd: Crowd) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            name, arguments = await loop.run_in_executor(None, pipe.recv)
        except EOFError:
            return
        work: Callable[..., Awaitable[Any]] = getattr(crowd, name)
        try:
            answer: Any = await work(*arguments)
        except Exception as error:  # whoever asked is told
            answer = RuntimeError(f"{name}: {type(error).__name__}: {error}")
        pipe.send(answer)


def _kind(error: Exception) -> str:
    if isinstance(error, WSHandshakeError) and error.response is not None:
        return str(int(error.response.status))
    return type(error).__name__
