"""What the stream process answers over plain HTTP: whether it lives and whether it can work."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, connection

from streaming.admission import farewell

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Send], Awaitable[None]]


async def application(scope: Scope, receive: Any, send: Send) -> None:
    """GET /healthz and /readyz; anything else is a problem document."""
    if scope["method"] not in ("GET", "HEAD"):
        return await _problem(send, 405, "method_not_allowed", "Only GET is answered here.")
    if scope["path"] == "/healthz":
        return await _answer(send, 200, {"status": "ok"})
    if scope["path"] != "/readyz":
        return await _problem(send, 404, "not_found", "This port serves the live stream at /ws/v1/stream.")
    if farewell.closed_for():
        return await _problem(send, 503, "unavailable", "The stream lets nobody in for some seconds.")
    try:
        await sync_to_async(_ask_database, thread_sensitive=False)()
    except DatabaseError:
        return await _problem(send, 503, "unavailable", "PostgreSQL does not answer.")
    return await _answer(send, 200, {"status": "ok"})


def refuse_unknown(patterns: list[Any], router: Application) -> Application:
    """Sockets for paths that do not exist are refused, where the bare router would raise."""

    async def refuse_or_route(scope: Scope, receive: Any, send: Send) -> None:
        if any(pattern.pattern.match(scope["path"].lstrip("/")) for pattern in patterns):
            await router(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4004})

    return refuse_or_route


def _ask_database() -> None:
    close_old_connections()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


async def _problem(send: Send, status: int, code: str, detail: str) -> None:
    body = {
        "type": "about:blank",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    await _answer(send, status, body, b"application/problem+json")


async def _answer(send: Send, status: int, body: dict[str, Any], kind: bytes = b"application/json") -> None:
    content = orjson.dumps(body)
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
