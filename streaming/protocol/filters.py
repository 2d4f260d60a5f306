"""What `filters` may say in each type of stream, as JSON Schema: read from what checks them."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from bugs import fields as rest
from bugs import filters as bug_filters
from bugs.query.parsing import MAX_LENGTH
from streaming.protocol import shapes
from streaming.protocol.shapes import Schema
from streaming.streams import Stream
from streaming.subscriptions import MAX_VALUES

Read = Callable[[str], Schema]

_QUERY = shapes.text("The filter language: docs/filters.md.", longest=MAX_LENGTH)
_MOMENT = shapes.text("RFC 3339, a day, or counted from now: `2026-05-01T12:00:00Z`, `2026-05-01`, `-7d`.")


def name_of(stream: Stream) -> str:
    """Of the schema: streams of bugs share one."""
    return _NAMES.get(stream.name, "BugFilters")


def of(stream: Stream) -> Schema:
    """All of them are optional; a bug or report must fit each that is given."""
    read = _SOURCES.get(stream.name, _of_bugs)
    fields = {name: read(name) for name in stream.filter_names}
    about = "Each that is given must fit." if fields else "There are none."
    return shapes.record(fields, about, optional=fields, is_open=False)


def _of_bugs(name: str) -> Schema:
    match bug_filters.BugFilter.base_filters[name]:
        case bug_filters.Choices() as one:
            return _repeatable(shapes.one_of(value for value, _ in one.extra["choices"]), "Any of these.")
        case bug_filters.Names() as one:
            return _repeatable(shapes.text(longest=bug_filters.MAX_NAME), f"Any of these {one.label}.")
        case bug_filters.Truth():
            return shapes.one_of([True, False, "true", "false"])
        case bug_filters.Moments():
            return _MOMENT
    return _QUERY


def _of(fields: rest.Fields) -> Read:
    """As a route of REST has them."""

    def read(name: str) -> Schema:
        if name == "q":
            return _QUERY
        schema = shapes.of_field(fields[name])
        return _repeatable(schema, "Any of these.") if _repeats(fields[name]) else schema

    return read


def _repeats(field: Any) -> bool:
    return isinstance(field, serializers.MultipleChoiceField)


def _repeatable(value: Schema, about: str) -> Schema:
    return shapes.any_of(value, shapes.listed(value, most=MAX_VALUES), about=about)


_SOURCES: dict[str, Read] = {
    "error_events": _of(rest.report_parameters()),
    "error_patterns": _of(rest.group_parameters()),
    "sessions": _of(rest.session_parameters()),
}
_NAMES = {
    "analytics": "AnalyticsFilters",
    "error_events": "ErrorFilters",
    "error_patterns": "PatternFilters",
    "sessions": "SessionFilters",
    "exports": "ExportFilters",
}
