"""The list parameters again, over a filter document in memory: what streams and webhooks filter by. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from audit.actors import Principal
from bugs import query

Document = Mapping[str, Any]
Matcher = Callable[[Document], bool]


def _any_of(field: str) -> Callable[[Document, Any], bool]:
    return lambda document, wanted: not wanted or document[field] in wanted


def _count(field: str) -> Callable[[Document, Any], bool]:
    return lambda document, wanted: wanted is None or (document[field] > 0) == wanted


TESTS: dict[str, Callable[[Document, Any], bool]] = {
    **{name: _any_of(name) for name in ("status", "severity", "priority", "bug_type", "resolution", "error_level")},
    **{name: _any_of(name) for name in ("reporter", "environment", "release", "project")},
    "assigned_to": _any_of("assignee"),
    "component_name": _any_of("component"),
    "created_after": lambda document, wanted: wanted is None or document["created_at"] > wanted,
    "created_before": lambda document, wanted: wanted is None or document["created_at"] < wanted,
    "updated_after": lambda document, wanted: wanted is None or document["updated_at"] > wanted,
    "updated_before": lambda document, wanted: wanted is None or document["updated_at"] < wanted,
    "has_errors": _count("error_count"),
    "has_attachments": _count("attachment_count"),
}


def matcher(filters: Mapping[str, Any], *, principal: Principal) -> Matcher:
    """What `bugs.filters.clean` returned as a question to a filter document (`bugs.selectors.matching`)."""
    plain = [(TESTS[name], value) for name, value in filters.items() if name != "q"]
    text = filters.get("q")
    matches = query.matcher(text, principal=principal) if text else None
    return lambda document: (
        all(test(document, value) for test, value in plain) and (matches is None or matches(document))
    )
