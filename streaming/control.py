"""Words between processes over the channel layer: they make things quicker, and nothing depends on them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import redis
from channels.layers import get_channel_layer

GROUP = "stream.control"
RIGHTS_CHANGED, DRAIN = "rights.changed", "drain"
TIMEOUT_SECONDS = 0.2
QUIET_SECONDS = 2.0
BURST_SECONDS = 0.1
JOIN_SECONDS = 10.0  # how often a process joins again: a Redis that was flushed has forgotten it
PAUSE_SECONDS = 1.0
AWAY = (redis.RedisError, OSError, TimeoutError)

Message = Mapping[str, Any]
Hear = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)
_quiet_until = 0.0


def rights_changed(fact: Message) -> None:
    """A listener: somebody may do more or less than before. In a burst the first word counts, the hubs' own look each
    second covers the rest; when Redis is away it covers all, and the writer is not held up."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    _quiet_until = time.monotonic() + (BURST_SECONDS if send(RIGHTS_CHANGED) else QUIET_SECONDS)


def send(kind: str, **fields: Any) -> bool:
    """Tell every stream process; False when Redis is away."""
    try:
        asyncio.run(_send({"type": kind, **fields}))
    except AWAY as error:
        logger.warning("%s was not told: %s", kind, error or type(error).__name__)
        return False
    return True


async def _send(message: dict[str, Any]) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await get_channel_layer().group_send(GROUP, message)


async def listen(hear: Mapping[str, Hear]) -> None:
    """For ever: what each kind of word does in this process. Without Redis it waits for it, and that is all."""
    while True:
        try:
            await _listen(hear)
        except AWAY as error:
            logger.warning("the control channel was interrupted: %s", error or type(error).__name__)
        except Exception:  # whatever was sent there must not end the listening
            logger.exception("the control channel was interrupted")
        await asyncio.sleep(PAUSE_SECONDS)


async def _listen(hear: Mapping[str, Hear]) -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel(GROUP)
    try:
        while True:
            await layer.group_add(GROUP, channel)
            await _hear_until(asyncio.get_running_loop().time() + JOIN_SECONDS, layer, channel, hear)
    finally:
        with contextlib.suppress(*AWAY):
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await layer.group_discard(GROUP, channel)


async def _hear_until(end: float, layer: Any, channel: str, hear: Mapping[str, Hear]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(end):
            while True:
                message = await layer.receive(channel)
                if acts := hear.get(message["type"]):
                    await _act(acts, message)


async def _act(acts: Hear, message: Message) -> None:
    try:
        await acts(message)
    except Exception:
        logger.exception("a word on the control channel was not acted on: %s", message["type"])
