"""Counting in Redis: one script, one round trip, all windows of all buckets or none.

redis-py's own `Script` takes about as long to prepare a call as Redis takes to answer it. Here a connection is taken
from a stack, and the script is named by its digest.
"""

import hashlib
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

import redis
from django.conf import settings

TIMEOUT_SECONDS = 0.25
REST_SECONDS = 1.0  # between two tries of a server that does not answer

# A bucket is a hash: `at`, and what was used in the windows in which that lies, by Redis' own clock.
# ARGV: cost; for each bucket its three limits, then what the process remembers of it: `at` and three numbers. That
# counts where Redis has forgotten (it was flushed, or another one took its place).
TEXT = """
local now, cost = tonumber(redis.call('TIME')[1]), tonumber(ARGV[1])
local lengths, allowed, changed, used, prices = {60, 3600, 86400}, 1, cost > 0, {}, {}
for key = 0, #KEYS - 1 do
  local kept = redis.call('HMGET', KEYS[key + 1], 'at', 'minute', 'hour', 'day')
  local given = 7 * key + 1
  for w = 1, 3 do
    local window, count = math.floor(now / lengths[w]), 0
    local limit = tonumber(ARGV[given + w])
    if kept[1] and math.floor(kept[1] / lengths[w]) == window then count = tonumber(kept[w + 1]) end
    if math.floor(ARGV[given + 4] / lengths[w]) == window and tonumber(ARGV[given + 4 + w]) > count then
      count, changed = tonumber(ARGV[given + 4 + w]), true
    end
    local price = math.min(cost, math.max(limit, 1))
    if price > 0 and count + price > limit then allowed = 0 end
    used[3 * key + w], prices[3 * key + w] = count, price
  end
end
if changed then
  for key = 0, #KEYS - 1 do
    local i = 3 * key
    for w = i + 1, i + 3 do used[w] = used[w] + allowed * prices[w] end
    redis.call('HSET', KEYS[key + 1], 'at', now, 'minute', used[i + 1], 'hour', used[i + 2], 'day', used[i + 3])
    redis.call('EXPIRE', KEYS[key + 1], 86400)
  end
end
return {allowed, now, unpack(used)}
"""
_DIGEST = hashlib.sha1(TEXT.encode(), usedforsecurity=False).hexdigest()


class Script:
    """The script and the connections it is called over; `call` answers None while Redis is away."""

    def __init__(self, url: str) -> None:
        self._maker = redis.ConnectionPool.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._idle: deque[Any] = deque()
        self._rests_until = 0.0
        self.calls = 0  # round trips, for the benchmark

    def call(self, keys: Sequence[str], arguments: Sequence[int]) -> list[int] | None:
        if time.monotonic() < self._rests_until:
            return None
        try:
            return self._asked([len(keys), *keys, *arguments])
        except (redis.RedisError, OSError):
            self._rests_until = time.monotonic() + REST_SECONDS
            self.close()
            return None

    def close(self) -> None:
        """Let go of what is idle, as after a failure: the others are likely to be broken as well."""
        with suppress(IndexError):
            while True:
                self._idle.pop().disconnect()

    def _asked(self, words: list[str | int]) -> list[int]:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._over(self._maker.make_connection(), words)
        try:
            return self._over(connection, words)
        except redis.ConnectionError:  # hung up while it was idle: that says nothing about the server
            return self._over(self._maker.make_connection(), words)

    def _over(self, connection: Any, words: list[str | int]) -> list[int]:
        try:
            answer = self._said(connection, "EVALSHA", _DIGEST, words)
        except redis.exceptions.NoScriptError:
            answer = self._said(connection, "EVAL", TEXT, words)
        except BaseException:
            connection.disconnect()
            raise
        self._idle.append(connection)
        return answer

    def _said(self, connection: Any, command: str, script: str, words: list[str | int]) -> list[int]:
        self.calls += 1
        connection.send_command(command, script, *words)
        return cast(list[int], connection.read_response())


script = Script(settings.REDIS_URL)
