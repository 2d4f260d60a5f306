"""The list of the stream's doors."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from django.urls import path

from streaming import sse
from streaming.admission.authentication import StreamAuthentication
from streaming.admission.handshakes import Handshakes
from streaming.consumers import StreamConsumer

Application = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

SOCKET_PATH = "/ws/v1/stream"
sockets = Handshakes(StreamAuthentication(StreamConsumer.as_asgi()))
websocket_urlpatterns = [
    # Django's path knows views; to Channels' URLRouter it is any ASGI application.
    path(SOCKET_PATH.removeprefix("/"), cast(Any, sockets)),
]
event_stream = Handshakes(StreamAuthentication(sse.application))


def with_event_stream(others: Application) -> Application:
    """Server-sent events at their one path; everything else is for others."""

    async def choose(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        is_ours = scope["path"] == sse.PATH and scope["method"] == "GET"
        await (event_stream if is_ours else others)(scope, receive, send)

    return choose
