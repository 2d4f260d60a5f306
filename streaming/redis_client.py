"""Redis for calls that must not wait for it: it may be away, and whoever asks knows what to do then."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def within(seconds: float) -> redis.Redis:
    """The client of this process that gives up after so many seconds, to connect and to be answered each."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 1),  # one: a connection that Redis closed while it was idle
    )
