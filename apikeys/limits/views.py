"""Limits over REST: what the caller has left."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys.limits import costs, serializers, windows
from config.api.filtering import nearest
from config.api.problems import Problem
from config.api.views import ViewSet


class RateLimitViewSet(ViewSet):
    """It costs nothing and is answered when a limit is used up, so that one can ask before calling."""

    serializer_class = serializers.RateLimitStatusSerializer
    requires = {"retrieve": "self.read"}
    costs = {"retrieve": 0}

    @extend_schema(
        parameters=[serializers.EndpointSerializer],
        responses=serializers.RateLimitStatusSerializer,
        summary="What is left of your limits",
    )
    def retrieve(self, request: Request) -> Response:
        asked = serializers.EndpointSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        endpoint = asked.validated_data.get("endpoint")
        cost = costs.USUAL if endpoint is None else _cost_of(endpoint)
        usage: windows.Usage | None = getattr(request._request, "rate_limit_usage", None)
        return Response({"endpoint": endpoint, "cost": cost, **_status(usage, cost)})


def _cost_of(endpoint: str) -> int:
    known = costs.by_operation()
    if endpoint not in known:
        detail = f"No operation is called so.{nearest(endpoint, known)}"
        raise Problem(400, "unknown_endpoint", detail, pointer="/endpoint")
    return known[endpoint]


def _status(usage: windows.Usage | None, cost: int) -> dict[str, Any]:
    """`RateLimitStatus` of the specification, and the limits one by one."""
    limits = usage.windows(cost) if usage else []
    if usage is None or not limits:
        return {"allowed": True, "remaining": None, "reset_time": None, "retry_after": None, "windows": []}
    wait = windows.retry_after(limits)
    tightest = min(limits, key=lambda one: (one.left_for(cost), -one.reset))
    return {
        "allowed": wait == 0,
        "remaining": tightest.left_for(cost),
        "reset_time": _time(usage.now + (wait or tightest.reset)),
        "retry_after": wait or None,
        "windows": [_shown(usage.now, one) for one in limits],
    }


def _shown(now: int, window: windows.Window) -> dict[str, Any]:
    return {
        "name": window.name,
        "limit": window.limit,
        "seconds": window.seconds,
        "remaining": window.remaining,
        "reset_time": _time(now + window.reset),
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
