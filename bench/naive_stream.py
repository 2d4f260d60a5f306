"""Fan-out as the Channels tutorial has it."""

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
