"""Event type patterns: exact, or a family (`bug.*`). Pure."""

from collections.abc import Iterable


def matches(event_type: str, patterns: Iterable[str]) -> bool:
    """Whether any pattern names this type; `bug.*` names `bug.created`, `*` names all."""
    return any(
        pattern == "*" or pattern == event_type or (pattern.endswith(".*") and event_type.startswith(pattern[:-1]))
        for pattern in patterns
    )
