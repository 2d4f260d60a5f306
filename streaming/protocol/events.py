"""What an event says in each type of stream, and what a snapshot shows of it, as JSON Schema."""

from collections.abc import Callable, Sequence

from streaming.protocol import bodies, shapes
from streaming.protocol.shapes import Schema
from streaming.streams import Stream

_DATA = ("number", "version", "status", "severity", "bug_type")
_GROUPS = {
    "into": shapes.uuid("merge: the group it was put behind."),
    "out_of": shapes.uuid("split: the group it was taken out from."),
    "similarity": {"type": ["number", "null"], "description": "merge: how alike their stacks are; else null."},
    "observed": shapes.number("spike: errors in the last half hour."),
    "expected": shapes.number("spike: how many there usually are."),
    "looked_at": shapes.integer("regrouped: reports."),
    "moved": shapes.integer("regrouped: reports."),
    "reason": shapes.text("regrouped: why it was given up."),
}


def of(stream: Stream) -> Schema:
    """The specification's BugUpdateEvent; what is special to the stream stands in `metadata`."""
    return shapes.record(
        {
            "event_id": shapes.or_null(shapes.uuid("Drop events whose id you have. Null when it is not kept.")),
            "timestamp": shapes.moment(),
            "event_type": _event_type(stream),
            "bug_id": shapes.or_null(shapes.uuid("The bug it is about, if any.")),
            "changes": _changes(stream),
            "metadata": shapes.ref(_METADATA.get(stream.name, _BUG)[0]),
        }
    )


def components() -> dict[str, Schema]:
    """The schemas of metadata, by name."""
    return {name: made() for name, made in (_BUG, *_METADATA.values())}


def items(stream: Stream) -> list[str]:
    """The names of the schemas of what a snapshot shows, in the three formats."""
    return list(_ITEMS.get(stream.name, ("BugRow", "BugState", "Bug")))


def _event_type(stream: Stream) -> Schema:
    named = shapes.one_of(stream.event_types)
    if stream.name != "bug_updates":
        return named
    others = shapes.text(pattern="^bug_[a-z_]+$")
    about = "Others are the type of the event vocabulary with `_`: `bug_comment_edited`, `bug_linked`, `bug_merged`."
    return shapes.any_of(named, others, about=about)


def _changes(stream: Stream) -> Schema:
    if stream.name in _METADATA and stream.name != "analytics":
        return shapes.record({}, "Always empty.")
    moved = shapes.record({"from": {}, "to": {}})
    fields = shapes.listed(shapes.text(), "edit: names of the fields that were edited.")
    about = "By the name of what changed. People are their user ids."
    return {"type": "object", "properties": {"fields": fields}, "additionalProperties": moved, "description": about}


def _metadata(fields: dict[str, Schema], optional: Sequence[str] = ()) -> Schema:
    usual = {
        "type": shapes.text("The type in the event vocabulary, like `bug.created`."),
        "project_id": shapes.uuid(),
        "matched": shapes.truth("False when the change took it out of your filters."),
    }
    return shapes.record({**usual, **fields}, optional=optional)


def _of_bug() -> Schema:
    fields = {
        "number": shapes.integer("The bug's, in its project."),
        "version": shapes.integer("The bug's, after the change."),
        "status": bodies.status(),
        "severity": bodies.severity(),
        "bug_type": bodies.bug_type(),
        "comment_id": shapes.uuid("Of a comment."),
        "attachment_id": shapes.uuid("Of an attachment."),
        "link_id": shapes.uuid("Of a link to another bug."),
        "kind": shapes.text("Of a link: how the bug stands to the other."),
        "into": shapes.uuid("The bug that it was merged into, or taken out of again."),
        "bug": shapes.any_of(
            shapes.ref("BugSummary"), shapes.ref("Bug"), about="Not in `compact`, nor of a deleted bug."
        ),
    }
    return _metadata(fields, optional=[name for name in fields if name not in _DATA])


def _of_error() -> Schema:
    fields = {
        "group_id": shapes.or_null(shapes.uuid("The kind of error that it is of.")),
        "level": bodies.level(),
        "is_shortened": shapes.truth("Told of a report that is too long for `detailed`: it is as in `json`."),
        "error": shapes.any_of(shapes.ref("ErrorRow"), shapes.ref("Error"), about="Not in `compact`."),
    }
    return _metadata(fields, optional=("is_shortened", "error"))


def _of_pattern() -> Schema:
    fields = {
        "group_id": shapes.uuid(),
        "level": bodies.level(),
        **_GROUPS,
        "pattern": shapes.any_of(shapes.ref("PatternRow"), shapes.ref("Pattern"), about="Not in `compact`."),
    }
    return _metadata(fields, optional=(*_GROUPS, "pattern"))


def _of_session() -> Schema:
    state = bodies.components()["Session"]["properties"]["state"]
    fields = {"session_id": shapes.uuid(), "state": state, "session": shapes.ref("Session")}
    return _metadata(fields, optional=("session",))


def _of_figures() -> Schema:
    fields: dict[str, Schema] = bodies.components()["Analytics"]["properties"]
    return _metadata(fields)


def _of_export() -> Schema:
    fields = {
        "export_id": shapes.uuid(),
        "format": shapes.text("Of its file."),
        "rows": shapes.integer("How many are written."),
        "state": shapes.one_of(bodies.EXPORT_STATES, "export_progress: where it is."),
        "rows_total": shapes.or_null(shapes.integer("export_progress: of how many, once that is known.")),
    }
    return _metadata(fields, optional=("state", "rows_total"))


Made = tuple[str, Callable[[], Schema]]
_BUG: Made = ("BugMetadata", _of_bug)
_METADATA: dict[str, Made] = {
    "analytics": ("AnalyticsMetadata", _of_figures),
    "error_events": ("ErrorMetadata", _of_error),
    "error_patterns": ("PatternMetadata", _of_pattern),
    "sessions": ("SessionMetadata", _of_session),
    "exports": ("ExportMetadata", _of_export),
}
_ITEMS: dict[str, tuple[str, ...]] = {
    "analytics": ("Analytics",),
    "error_events": ("ErrorRow", "ErrorPlace", "Error"),
    "error_patterns": ("PatternRow", "PatternPlace", "Pattern"),
    "sessions": ("Session", "SessionPlace"),
    "exports": ("Export",),
}
