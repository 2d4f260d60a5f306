"""What was called, as routes name it: real paths carry names and numbers of people, their templates do not."""

import re
from functools import lru_cache
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve

_CONVERTED = re.compile(r"<(?:\w+:)?(\w+)>")
NOTHING = "^.*$"  # the last route of all takes whatever no other one took


def match_of(request: HttpRequest) -> ResolverMatch | None:
    """The route of a request; also of one that was refused before anybody asked for it."""
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return None
    return None if match.route == NOTHING else match


@lru_cache(maxsize=2_048)
def template(route: str) -> str:
    """`api/v1/^bugs/(?P<pk>[^/.]+)/$` as `/api/v1/bugs/{pk}/`."""
    return _CONVERTED.sub(r"{\1}", simplify_regex(route))


def operation(match: ResolverMatch, method: str) -> str:
    """As the API names it, for a call that never came as far as its view."""
    return name_of(match.func, method) or match.view_name or ""


def name_of(view: Any, method: str) -> str:
    """The operation of a viewset's method; empty when it has none, or is no viewset."""
    action = getattr(view, "actions", {}).get(method.lower())
    return f"{view.initkwargs['basename']}_{action}" if action else ""
