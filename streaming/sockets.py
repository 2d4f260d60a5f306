"""One client's place in the hub: its rights, its subscriptions, its bounded queue."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import orjson

from audit.actors import Principal
from bugs import policy
from streaming.subscriptions import Subscription

QUEUE_SIZE = 256


class Credential(NamedTuple):
    """name: equal credentials are reread once. read: the present rights, None when none are left."""

    name: str
    read: Callable[[], Principal | None]


@dataclass(eq=False, slots=True)
class Socket:
    """close: called at most once with a close code, by whoever finds the reason."""

    principal: Principal
    credential: Credential
    close: Callable[[int], None]
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(QUEUE_SIZE))
    heard_at: float = field(default_factory=time.monotonic)
    pinged_at: float = field(default_factory=time.monotonic)

    def put(self, text: str) -> None:
        """Hand a message to the sender; a client that does not keep up is let go, nobody waits for it."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.close(4113)

    def say(self, op: str, **fields: object) -> None:
        self.put(orjson.dumps({"op": op, **fields}).decode())

    def may_see(self, subscription: Subscription, project_id: UUID) -> bool:
        return policy.allows(self.principal, subscription.action, project_id)
