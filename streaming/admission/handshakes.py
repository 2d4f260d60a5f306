"""Back-pressure at the door: a crowd that comes at once is let in at the pace at which it can be recognised."""

import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from config.api import problems
from streaming.admission import farewell
from streaming.admission.places import Held, NoPlace, Places
from streaming.admission.turns import Busy, Turns

AT_WORK = 64
WAITING = 3_000
PATIENCE_SECONDS = 8.0  # clients commonly give up after 10
RETRY_SECONDS = (1, 10)
QUIET_SECONDS = 5.0
SOCKETS = Places(settings.STREAM_SOCKETS)
CALLERS = Places(settings.STREAM_SOCKETS_PER_CALLER)

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]
logger = logging.getLogger(__name__)


class Handshakes:
    """An ASGI application around the one that recognises and answers.

    A handshake is at work until its first message after the accept, which is the welcome; a socket has its place
    until it ends.
    """

    def __init__(self, inner: Application, sockets: Places = SOCKETS, turns: Turns | None = None) -> None:
        self.inner, self.sockets = inner, sockets
        self.turns = turns or Turns(at_work=AT_WORK, waiting=WAITING, patience=PATIENCE_SECONDS)
        self._refused, self._next_word = 0, 0.0

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        with Held() as held:
            try:
                _refuse_when_closed()
                held.add(self.sockets.take())
                end = await self.turns.take()
                held.add(end)
                _refuse_when_closed()
            except (NoPlace, Busy):
                await self._refuse(scope, send)
                return

            async def sent(message: dict[str, Any]) -> None:
                if message["type"] != "websocket.accept":
                    end()
                await send(message)

            await self.inner(scope, receive, sent)

    def is_full(self) -> bool:
        """Whether one more would be sent away at once."""
        return bool(farewell.closed_for()) or self.sockets.held() >= self.sockets.limit or self.turns.are_all_taken()

    def refusal(self) -> tuple[Headers, bytes]:
        """The headers and the body of a 503, each with its own time to come back."""
        self._say_so()
        closed = math.ceil(farewell.closed_for())
        wait = closed + random.randint(*RETRY_SECONDS)  # noqa: S311 (not all at the same moment)
        body = problems.encoded(503, "unavailable", "The stream is restarting." if closed else "Too many sockets now.")
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", str(wait).encode()),
        ]
        return headers, body

    async def _refuse(self, scope: Scope, send: Send) -> None:
        headers, body = self.refusal()
        kind = "http" if scope["type"] == "http" else "websocket.http"
        if kind != "http" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close"})
            return
        await send({"type": f"{kind}.response.start", "status": 503, "headers": headers})
        await send({"type": f"{kind}.response.body", "body": body})

    def _say_so(self) -> None:
        self._refused += 1
        if time.monotonic() >= self._next_word:
            self._next_word = time.monotonic() + QUIET_SECONDS
            logger.warning("%s handshakes were answered with 503 since the last word", self._refused)
            self._refused = 0


def _refuse_when_closed() -> None:
    if farewell.closed_for():
        raise Busy
