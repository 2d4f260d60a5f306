"""Fan-out as the Channels tutorial has it, and the least that any ASGI application could do."""

from typing import Any

import django

django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402

GROUP = "bench"


class Consumer(AsyncWebsocketConsumer):
    """One group, one message per socket through Redis."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def changed(self, event: dict[str, Any]) -> None:
        await self.send(event["text"])


channels_groups = ProtocolTypeRouter({"websocket": Consumer.as_asgi()})
_sends: set[Any] = set()


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The limit: whatever is posted goes to every socket, unread."""
    if scope["type"] == "http":
        text = (await receive())["body"].decode()
        for one in list(_sends):
            await one({"type": "websocket.send", "text": text})
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
    elif scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        _sends.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        _sends.discard(send)
