"""The live stream as server-sent events, for clients without WebSockets: same hub, same events, same rights.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.db import DatabaseError

from config.api import problems
from streaming import closing, presenters, subscriptions
from streaming.admission import entrance
from streaming.admission.entrance import Refused
from streaming.admission.places import Held
from streaming.conversation import Conversation
from streaming.fanout.sockets import Framing
from streaming.recording import BAD, SocketRecord
from streaming.streams import STREAMS, Subscription
from streaming.subscriptions import BadMessage

PATH = "/api/v1/stream/"
LAST_WORD_SECONDS = 2.0
RETRY_MS = 2_000
ONCE = frozenset({"format", "snapshot", *(name for stream in STREAMS.values() for name in stream.option_names)})

Scope = MutableMapping[str, Any]
Headers = Sequence[tuple[bytes, bytes]]
SendMessage = Callable[[dict[str, Any]], Awaitable[None]]


class Lines(Framing):
    """One event an empty line. The id is the resume token, which browsers send back as Last-Event-ID."""

    @staticmethod
    def event(sub: str, token: str, body: bytes) -> str:
        return f"id: {token}\ndata: {presenters.message(sub, token, body)}\n\n"

    @staticmethod
    def said(op: str, **fields: object) -> str:
        if op == "ping":
            return ": ping\n\n"
        place = f"id: {fields['resume']}\n" if op in ("subscribed", "gap", "snapshot") else ""
        return f"{place}event: {op}\ndata: {presenters.said(op, **fields)}\n\n"


LINES = Lines()


class EventStream:
    """One answer that does not end. Scope: what StreamAuthentication put there."""

    def __init__(self, scope: Scope, receive: Any, send: SendMessage) -> None:
        self.scope, self.receive, self._send = scope, receive, send
        self.record = SocketRecord(scope)
        self.has_ids = True
        self.ended: asyncio.Future[tuple[int, int | None]] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        with Held() as held:
            try:
                await entrance.check(self.scope, self.record)
                asked = subscribed(self.scope)
                conversation = await entrance.enter(
                    self.scope, self.record, held, send=self._say, framing=LINES, close=self._close, answers_pings=False
                )
            except Refused as refused:
                await self._problem(refused.status, refused.code, str(refused), _way_out(refused))
            except BadMessage as bad:
                await self._problem(BAD, bad.code, str(bad))
            else:
                await self._converse(conversation, asked)

    async def _converse(self, conversation: Conversation, asked: list[Subscription]) -> None:
        code = 1000
        try:
            await self._send(
                {"type": "http.response.start", "status": 200, "headers": [*_STREAM, *_shared(self.scope)]}
            )
            await self._say(f"retry: {RETRY_MS}\n\n")
            code = await self._until_it_ends(conversation, asked)
        except OSError:  # the client went away
            code = 1006
        finally:
            await entrance.leave(conversation.socket, self.record, code)

    async def _until_it_ends(self, conversation: Conversation, asked: list[Subscription]) -> int:
        talking = asyncio.create_task(self._talk(conversation, asked))
        leaving = asyncio.create_task(self._wait_for_leaving())
        try:
            what_ends_it: list[asyncio.Future[Any]] = [talking, leaving, self.ended]
            await asyncio.wait(what_ends_it, return_when=asyncio.FIRST_COMPLETED)
        finally:
            talking.cancel()
            leaving.cancel()
            conversation.delivery.stop()
        if talking.done() and not talking.cancelled() and (error := talking.exception()):
            raise error
        if not self.ended.done():
            return 1001
        code, retry_ms = self.ended.result()
        await self._goodbye(code, retry_ms)
        return code

    async def _talk(self, conversation: Conversation, asked: list[Subscription]) -> None:
        """An id stands for all subscriptions: while some have not caught up, a later one would skip theirs."""
        start = str(conversation.hub.position)
        self.has_ids = len(asked) == 1
        try:
            await conversation.subscribe(asked)
        except BadMessage as bad:
            await self._say(LINES.said("error", code=bad.code, detail=str(bad), id=bad.subscription_id))
            self._close(closing.BAD_REQUEST)
        except DatabaseError:
            self._close(closing.UNAVAILABLE)
        else:
            if not self.has_ids:
                self.has_ids = True
                await self._say(f"id: {start}\n\n")
            conversation.delivery.start()
            await asyncio.shield(self.ended)

    async def _wait_for_leaving(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _goodbye(self, code: int, retry_ms: int | None) -> None:
        """The last word; who is to come back is told when, and others get a refusal when they do."""
        said = closing.goodbye(code, retry_ms)
        retry = f"retry: {said['retry_ms']}\n" if "retry_ms" in said else ""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(LAST_WORD_SECONDS):
                await self._say(retry + LINES.said(**said))
                await self._send({"type": "http.response.body", "body": b""})

    def _close(self, code: int, retry_ms: int | None = None) -> None:
        if not self.ended.done():
            self.ended.set_result((code, retry_ms))

    async def _say(self, text: str) -> None:
        if not self.has_ids and text.startswith("id: "):
            text = text.partition("\n")[2]
        await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _problem(self, status: int, code: str, detail: str, more: Headers = ()) -> None:
        body = problems.encoded(status, code, detail)
        kind = (b"content-type", problems.MEDIA_TYPE.encode())
        size = (b"content-length", str(len(body)).encode())
        await self._send(
            {"type": "http.response.start", "status": status, "headers": [kind, size, *more, *_shared(self.scope)]}
        )
        await self._send({"type": "http.response.body", "body": body})


_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


async def application(scope: Scope, receive: Any, send: SendMessage) -> None:
    """GET /api/v1/stream/, behind StreamAuthentication."""
    await EventStream(scope, receive, send).run()


def subscribed(scope: Scope) -> list[Subscription]:
    """Of a query: one for each `type`, named like it, all with the same filters. Raises BadMessage."""
    query = scope.get("query_string", b"").decode("latin-1")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=subscriptions.MAX_VALUES, errors="strict")
    except ValueError:
        raise BadMessage("invalid_message", "The query cannot be read.") from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    types = list(dict.fromkeys(values.pop("type", [])))
    if not types:
        raise BadMessage("invalid_message", f"type is one of {', '.join(sorted(STREAMS))}, or several of them.")
    once = {name: _one(name, values.pop(name)) for name in ONCE & values.keys()}
    resume = _last_event_id(scope)
    return subscriptions.parse({"subscriptions": [_message(kind, once, values, resume) for kind in types]})


def _message(kind: str, once: Mapping[str, Any], values: Mapping[str, list[str]], resume: str | None) -> dict[str, Any]:
    filters = {name: many if len(many) > 1 else many[0] for name, many in values.items()}
    return {"id": kind, "type": kind, "filters": filters, "resume": resume, **once}


def _one(name: str, values: list[str]) -> Any:
    if len(values) > 1:
        raise BadMessage("invalid_message", f"{name} is given once.")
    if name != "snapshot":
        return values[0]
    if values[0] not in ("true", "false"):
        raise BadMessage("invalid_message", "snapshot is true or false.")
    return values[0] == "true"


def _last_event_id(scope: Scope) -> str | None:
    sent = [value.decode("latin-1") for name, value in scope["headers"] if name == b"last-event-id"]
    return (sent[0] or None) if sent else None


def _way_out(refused: Refused) -> Headers:
    if refused.status == 401:
        return [(b"www-authenticate", b"Bearer")]
    wait = closing.CLOSINGS[refused.closing].retry_ms if refused.closing else None
    return [(b"retry-after", str(math.ceil(wait / 1000)).encode())] if wait else []


def _shared(scope: Scope) -> list[tuple[bytes, bytes]]:
    """For pages of other origins that the settings name; the stream may be on a port of its own."""
    origins = [value for name, value in scope["headers"] if name == b"origin"]
    if len(origins) != 1 or origins[0].decode("latin-1") not in settings.STREAM_ORIGINS:
        return [(b"vary", b"Origin")]
    return [
        (b"vary", b"Origin"),
        (b"access-control-allow-origin", origins[0]),
        (b"access-control-allow-credentials", b"true"),
    ]
