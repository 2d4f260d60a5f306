"""One Redis PUBLISH per fact: it makes the stream fast; that it can be lost is the hub's business."""

import logging
import time
from collections.abc import Mapping
from typing import Any

import orjson
import redis

from streaming import redis_client

CHANNEL = "bugwire:events"
TIMEOUT_SECONDS = 0.2
QUIET_SECONDS = 2.0

logger = logging.getLogger(__name__)
_quiet_until = 0.0


def publish(fact: Mapping[str, Any]) -> None:
    """Tell every hub; when Redis is away the writer is not held up, the hubs reread within seconds."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        redis_client.within(TIMEOUT_SECONDS).publish(CHANNEL, orjson.dumps(fact))
    except redis.RedisError as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("live fan-out is quiet for %s s: %s", QUIET_SECONDS, error)
