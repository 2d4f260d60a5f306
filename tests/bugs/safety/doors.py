"""Every door in the URL configuration: operations of the API, and pages beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one route. operation: as keys name it in `endpoints`; groups: what its path names."""

    operation: str
    method: str
    path: str
    groups: tuple[str, ...]
    route: URLPattern
    action: str
    basename: str

    @property
    def requires(self) -> str:
        """The policy action that the view asks for; empty for doors that a signature opens."""
        asked: str = self.route.callback.cls.requires.get(self.action, "")  # type: ignore[attr-defined]
        return asked

    def address(self, **names: Any) -> str:
        """The path with names in it, as a client writes it."""
        pattern = self.route.pattern
        for template, _ in _reversible(pattern):
            return "/" + self.path[: self.path.index("^")] + template % names
        raise AssertionError(f"{self.operation} has no address")


def _reversible(pattern: Any) -> list[tuple[str, list[str]]]:
    from django.utils.regex_helper import normalize

    return list(normalize(str(pattern)))


def _walk(patterns: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
        else:
            yield path, each


def operations() -> list[Door]:
    """The API's."""
    found = []
    for path, route in _walk(get_resolver().url_patterns):
        basename = getattr(route.callback, "initkwargs", {}).get("basename", "")
        for method, action in getattr(route.callback, "actions", {}).items():
            if method != "head":
                groups = tuple(route.pattern.regex.groupindex)
                found.append(Door(f"{basename}_{action}", method, path, groups, route, action, basename))
    return found


def pages() -> set[str]:
    """Everything else, as the URL configuration writes it; the console's many pages as one."""
    plain = {path for path, route in _walk(get_resolver().url_patterns) if not hasattr(route.callback, "actions")}
    return {"admin/" if path.startswith("admin/") else path for path in plain}
