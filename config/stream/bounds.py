"""The live stream: how many sockets one process has, how often they beat, and the layer its processes speak over."""

from typing import Any

import environ

env = environ.Env()

ALL = env.int("STREAM_SOCKETS", 10_000)
HEARTBEAT_SECONDS = env.float("STREAM_HEARTBEAT_SECONDS", 20.0)
PER_CALLER = env.int("STREAM_SOCKETS_PER_CALLER", 100)
ANSWER_SECONDS = 15.0  # the layer waits 5 s for a word, which redis-py on its own takes for a Redis that is away
GROUP_SECONDS = 60  # members say again that they are there (streaming/control.py); those that ended are forgotten


def layers(redis_url: str) -> dict[str, Any]:
    """For words of control only; events never go this way."""
    host = {"address": redis_url, "socket_timeout": ANSWER_SECONDS}
    backend = "channels_redis.core.RedisChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [host], "group_expiry": GROUP_SECONDS}}}
