"""Every operation that a key can be bound to, found in the list of doors, and the patterns over their names."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from audit import routes
from config.api.filtering import nearest

STREAM = "stream_connect"
MAX_PATTERNS = 100
MAX_PATTERN = 80
_PATTERN = re.compile(r"[a-z0-9_*-]+")


class UnknownOperation(ValueError):
    """A pattern that no operation has, or no operation at all; the text says what is near."""


def known() -> dict[str, str | None]:
    """Operation -> what the policy asks for it; None when each thing that is asked for later is checked by itself."""
    return _known(get_resolver())


def check_pattern(pattern: str) -> str:
    """The pattern, when some operation has it; raises UnknownOperation."""
    if len(pattern) > MAX_PATTERN or not _PATTERN.fullmatch(pattern):
        raise UnknownOperation("A pattern is the name of an operation, with * for any part of it.")
    if not any(fnmatchcase(name, pattern) for name in known()):
        raise UnknownOperation(f"No operation is called so.{nearest(pattern, known())}")
    return pattern


def matches(operation: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(operation, pattern) for pattern in patterns)


def cover(outer: Iterable[str], inner: str) -> bool:
    """Whether one outer pattern lets through all that the inner one does: its `*` is matched like any letter."""
    return any(fnmatchcase(inner, pattern) for pattern in outer)


def check_name(name: str) -> str:
    """The name, when it is one; raises UnknownOperation."""
    if name not in known():
        raise UnknownOperation(f"No operation is called so.{nearest(name, known())}")
    return name


def at(method: str, path: str) -> str:
    """The operation of a call, as the URL configuration decides it; raises UnknownOperation."""
    try:
        view: Any = resolve(path.partition("?")[0]).func
    except Resolver404:
        raise UnknownOperation("No operation has this path.") from None
    name = routes.name_of(view, method)
    if not name:
        raise UnknownOperation("This path has no such method.")
    return check_name(name)


def served() -> Iterator[tuple[str, str, Any]]:
    """Every operation of the API with its action and its viewset, also those that no key is asked for."""
    return _below(get_resolver().url_patterns)


@cache
def _known(resolver: URLResolver) -> dict[str, str | None]:
    """Doors without permission classes are not entered with a key."""
    below = _below(resolver.url_patterns)
    found = {name: view.requires.get(action, "") for name, action, view in below if view.permission_classes}
    return {**dict(sorted(found.items())), STREAM: None}


def _below(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[tuple[str, str, Any]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _below(each.url_patterns)
        else:
            yield from _of_view(each.callback)


def _of_view(view: Any) -> Iterator[tuple[str, str, Any]]:
    for method, action in getattr(view, "actions", {}).items():
        yield routes.name_of(view, method), action, view.cls
