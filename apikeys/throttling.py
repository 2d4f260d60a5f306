"""Counts each call of a caller before it is looked at any further."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apikeys.limits import callers, costs, counting, headers, windows
from audit.actors import Principal
from config.api.problems import Problem


class KeyThrottle(BaseThrottle):
    """Every call of a key or a person counts; the answer always says what is left."""

    def allow_request(self, request: Request, view: Any) -> bool:
        principal = request.user
        buckets = callers.buckets_of(principal) if isinstance(principal, Principal) else ()
        if not buckets:
            return True
        usage = counting.spend(buckets, costs.of(view))
        request._request.rate_limit_usage = usage  # type: ignore[attr-defined]
        request._request.rate_limit_headers = headers.of(usage.windows())  # type: ignore[attr-defined]
        if not usage.allowed:
            raise refusal(usage)
        return True


def refusal(usage: windows.Usage) -> Problem:
    """A 429 that names the limits without room, and until when."""
    short = [window for window in usage.windows() if window.is_short]
    seconds = windows.retry_after(short)
    names = [window.name for window in short]
    return Problem(
        429,
        "rate_limited",
        f"The limit of the {' and of the '.join(names)} has no room for this call. Try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
        more={"violated-policies": names},
    )
