"""Three windows (minute, hour, day) in one round trip, all or nothing; without Redis a local count takes over."""

import time
from dataclasses import dataclass
from typing import Any, cast

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from audit.actors import Principal
from config.api.problems import Problem

WINDOWS = (("minute", 60), ("hour", 3600), ("day", 86400))
REDIS_REST_SECONDS = 1.0

# Fixed windows by Redis' own clock. A call that any window refuses is counted in none of them.
_SCRIPT = """
local now = tonumber(redis.call('TIME')[1])
local answer, allowed = {}, 1
for i = 1, #KEYS do
  local limit, seconds = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local key = KEYS[i] .. ':' .. math.floor(now / seconds)
  local used = tonumber(redis.call('GET', key) or '0')
  answer[2 * i - 1], answer[2 * i] = limit - used, seconds - now % seconds
  if used >= limit then allowed = 0 end
end
if allowed == 1 then
  for i = 1, #KEYS do
    local seconds = tonumber(ARGV[2 * i])
    local key = KEYS[i] .. ':' .. math.floor(now / seconds)
    if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, seconds) end
    answer[2 * i - 1] = answer[2 * i - 1] - 1
  end
end
table.insert(answer, 1, allowed)
return answer
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """allowed, and per window what remains and in how many seconds it starts again."""

    allowed: bool
    remaining: tuple[int, ...]
    reset: tuple[int, ...]

    @property
    def retry_after(self) -> int:
        """Seconds until every exhausted window has started again."""
        return max((reset for left, reset in zip(self.remaining, self.reset, strict=True) if left <= 0), default=1)


_client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.25, socket_connect_timeout=0.25)
_script = _client.register_script(_SCRIPT)
_redis_rests_until = 0.0
_local: dict[str, int] = {}


def spend(name: str, limits: tuple[int, int, int]) -> Usage:
    """Count one call of `name` against its three limits, or refuse it."""
    global _redis_rests_until
    if time.monotonic() >= _redis_rests_until:
        keys = [f"limit:{name}:{window}" for window, _ in WINDOWS]
        arguments = [number for limit, (_, seconds) in zip(limits, WINDOWS, strict=True) for number in (limit, seconds)]
        try:
            allowed, *rest = cast(list[int], _script(keys=keys, args=arguments))
            return Usage(bool(allowed), tuple(rest[0::2]), tuple(rest[1::2]))
        except redis.RedisError:
            _redis_rests_until = time.monotonic() + REDIS_REST_SECONDS
    return _spend_locally(name, limits)


def _spend_locally(name: str, limits: tuple[int, int, int]) -> Usage:
    """The same windows in this process alone: rougher, never open."""
    now = int(time.time())
    keys = [f"{name}:{window}:{now // seconds}" for window, seconds in WINDOWS]
    if len(_local) > 10_000:
        _local.clear()
    allowed = all(_local.get(key, 0) < limit for key, limit in zip(keys, limits, strict=True))
    for key in keys if allowed else ():
        _local[key] = _local.get(key, 0) + 1
    remaining = tuple(limit - _local.get(key, 0) for key, limit in zip(keys, limits, strict=True))
    return Usage(allowed, remaining, tuple(seconds - now % seconds for _, seconds in WINDOWS))


class KeyThrottle(BaseThrottle):
    """Every call of a key counts; the answer always says what is left."""

    def allow_request(self, request: Request, view: Any) -> bool:
        principal = request.user
        if not isinstance(principal, Principal) or principal.rate_limits is None:
            return True
        usage = spend(principal.label, principal.rate_limits)
        request._request.rate_limit_headers = headers_of(usage, principal.rate_limits)  # type: ignore[attr-defined]
        if not usage.allowed:
            detail = f"This key has used up its limit. Try again in {usage.retry_after} seconds."
            raise Problem(429, "rate_limited", detail, headers={"Retry-After": str(usage.retry_after)})
        return True


def headers_of(usage: Usage, limits: tuple[int, int, int]) -> dict[str, str]:
    """IETF `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers)."""
    policy = [f'"{name}";q={limit};w={seconds}' for limit, (name, seconds) in zip(limits, WINDOWS, strict=True)]
    left = [
        f'"{name}";r={max(0, remaining)};t={reset}'
        for (name, _), remaining, reset in zip(WINDOWS, usage.remaining, usage.reset, strict=True)
    ]
    return {"RateLimit-Policy": ", ".join(policy), "RateLimit": ", ".join(left)}
