"""The list parameters again, over a bug's document in memory: what streams and webhooks filter by. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Document = Mapping[str, Any]


def _any_of(field: str) -> Callable[[Document, Any], bool]:
    return lambda document, wanted: not wanted or document[field] in wanted


TESTS: dict[str, Callable[[Document, Any], bool]] = {
    "status": _any_of("status"),
    "severity": _any_of("severity"),
    "bug_type": _any_of("bug_type"),
    "error_level": _any_of("error_level"),
    "assigned_to": _any_of("assignee"),
    "component_name": lambda document, wanted: not wanted or document["component"] == wanted,
    "project": lambda document, wanted: not wanted or document["project"] == wanted,
    "created_after": lambda document, wanted: wanted is None or _created(document) > wanted,
    "created_before": lambda document, wanted: wanted is None or _created(document) < wanted,
    "has_errors": lambda document, wanted: wanted is None or (document["error_count"] > 0) == wanted,
}


def matches(document: Document, filters: Mapping[str, Any]) -> bool:
    """Whether the bug's document is what `bugs.filters.clean` returned asks for."""
    return all(TESTS[name](document, value) for name, value in filters.items())


def _created(document: Document) -> datetime:
    return datetime.fromisoformat(document["created_at"])
