"""The least that `web` and `stream` can serve, for their TLS; and what fails with a secret in it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from apikeys import tokens

_BODY = f"{tokens.PREFIX}0123456789ABCDEFGHIJabcdefghij"
SECRET = _BODY + tokens._checksum(_BODY)


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.url_scheme"].encode()]


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": scope["scheme"]})
        await send({"type": "websocket.close"})
        return
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["scheme"].encode()})


def failing_wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    _django()
    key = SECRET
    raise RuntimeError(f"no such key: {key}\nof alice@example.org")


async def failing_asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    _django()
    key = SECRET
    raise RuntimeError(f"no such key: {key}\nof alice@example.org")


def _django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
