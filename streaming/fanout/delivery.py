"""From the outbox to the client: at once where nothing waits, else in order."""

import asyncio
from collections.abc import Awaitable, Callable

from streaming.fanout.outbox import NO_WAY, Outbox, Way
from streaming.recording import SocketRecord

Send = Callable[[str], Awaitable[None]]
SendNow = Callable[[str], bool]


def never(text: str) -> bool:
    return False


class Delivery(Way):
    """One client's. No task waits where nothing does: of thousands of sockets most are idle.

    send: hands a text to the client, and waits until it may have more. write: hands it over at once, or says that it
    cannot; where the server can, it saves each event a turn of the loop. turn: held by whoever sends.
    """

    __slots__ = ("_draining", "_outbox", "_record", "_write", "send", "turn")

    def __init__(self, outbox: Outbox, record: SocketRecord, send: Send, write: SendNow = never) -> None:
        self._outbox, self._record, self.send, self._write = outbox, record, send, write
        self.turn = asyncio.Lock()
        self._draining: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From here on what is in the outbox goes to the client."""
        self._outbox.way = self
        if len(self._outbox):
            self.begin()

    def stop(self) -> None:
        self._outbox.way = NO_WAY
        if self._draining is not None:
            self._draining.cancel()
            self._draining = None

    def send_now(self, text: str, *, is_event: bool) -> bool:
        if self.turn.locked() or not self._write(text):
            return False
        self._record.events += is_event
        return True

    def begin(self) -> None:
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        """What waits, in its order, until nothing does."""
        try:
            while len(self._outbox):
                async with self.turn:
                    if entry := self._outbox.take():
                        await self.send(entry.text)
                        self._record.events += bool(entry.token)
        except OSError:  # the client went away, which its door hears as well
            self._outbox.way = NO_WAY
        else:
            self._draining = None
