"""What a call costs: 1, unless its viewset says more (or nothing) in `costs`."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import URLPattern, get_resolver

USUAL = 1
STREAM = "stream_connect"


def of(view: Any) -> int:
    """The cost of what a view was asked for."""
    costs: dict[str, int] = getattr(view, "costs", {})
    return costs.get(getattr(view, "action", None) or "", USUAL)


@cache
def by_operation() -> dict[str, int]:
    """The cost of every operation of the API, by the name that keys' `endpoints` have for it."""
    return {STREAM: USUAL} | {
        f"{pattern.callback.initkwargs['basename']}_{action}": pattern.callback.cls.costs.get(action, USUAL)
        for pattern in _patterns(get_resolver().url_patterns)
        for action in (getattr(pattern.callback, "actions", None) or {}).values()
    }


def _patterns(patterns: list[Any]) -> Iterator[Any]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from _patterns(one.url_patterns)
