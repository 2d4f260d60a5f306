"""The live stream's bounds, how many sockets one process has, and the channel layer its processes speak over."""

from typing import Any

import environ

env = environ.Env()

ALL = env.int("STREAM_SOCKETS", 10_000)
PER_CALLER = env.int("STREAM_SOCKETS_PER_CALLER", 100)
GROUP_SECONDS = 60  # members say again that they are there (streaming/control.py); those that ended are forgotten


def layers(redis_url: str) -> dict[str, Any]:
    """For words of control only; events never go this way."""
    backend = "channels_redis.core.RedisChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [redis_url], "group_expiry": GROUP_SECONDS}}}
