"""How much one project may send: what waits to be read has a bound, and so has a minute where its admins say so."""

import time
from dataclasses import dataclass
from uuid import UUID

import redis
from django.conf import settings

from bugs.ingest.door.senders import Sender

MINUTE = 60
BACKLOG_SECONDS = 30  # what SDKs are told to wait when too much waits here
RATE, BACKLOG = "over_rate", "over_backlog"
REDIS_REST_SECONDS = 1.0
_client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.25, socket_connect_timeout=0.25)
_redis_rests_until = 0.0
_local: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class Over:
    """Why a sender must wait, as a problem's code, and for how many seconds."""

    reason: str
    seconds: int


def check(sender: Sender, events: int) -> Over | None:
    """Count so many more events of a sender; what is over a limit when they may not come."""
    if sender.waiting >= settings.INGEST_BACKLOG_MAX or sender.size >= settings.INGEST_BACKLOG_BYTES:
        return Over(BACKLOG, BACKLOG_SECONDS)
    if sender.events_per_minute is None or not events:
        return None
    now = int(time.time())
    used = _spend(sender.project_id, now // MINUTE, events)
    return Over(RATE, MINUTE - now % MINUTE) if used > sender.events_per_minute else None


def _spend(project_id: UUID, minute: int, events: int) -> int:
    """What was sent in this minute with these, also of those that were too many."""
    global _redis_rests_until
    key = f"ingest:{project_id}:{minute}"
    if time.monotonic() >= _redis_rests_until:
        try:
            with _client.pipeline(transaction=False) as pipe:
                pipe.incrby(key, events)
                pipe.expire(key, 2 * MINUTE)
                return int(pipe.execute()[0])
        except redis.RedisError:
            _redis_rests_until = time.monotonic() + REDIS_REST_SECONDS
    return _spend_locally(key, events)


def _spend_locally(key: str, events: int) -> int:
    """The same in this process alone: rougher, never open."""
    if len(_local) > 1_000:
        _local.clear()
    _local[key] = _local.get(key, 0) + events
    return _local[key]
