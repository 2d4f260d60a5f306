"""Facts as clients see them: the specification's event, in three sizes. Pure."""

from collections.abc import Mapping
from typing import Any

import orjson

Fact = Mapping[str, Any]
Document = Mapping[str, Any]

EVENT_TYPES = {
    "bug.created": "new_bug",
    "bug.status_changed": "status_change",
    "bug.assigned": "assignment",
    "bug.severity_changed": "severity_change",
    "bug.severity_escalated": "severity_escalation",
    "bug.regressed": "regression",
    "bug.edited": "edit",
    "bug.comment_added": "comment_added",
    "bug.attachment_added": "attachment_added",
    "bug.deleted": "deletion",
    "bug.restored": "restoration",
}
CHANGES = (*(name for kind, name in EVENT_TYPES.items() if kind != "bug.created"),)
SUMMARY = ("reference", "project", "title", "status", "severity")
_AS_OF_EVENT = ("status", "severity", "bug_type")
_ABOUT = (
    "number",
    "version",
    "status",
    "severity",
    "bug_type",
    "comment_id",
    "attachment_id",
    "link_id",
    "kind",
    "into",
    "export_id",
    "format",
    "state",
    "rows",
    "rows_total",
)


def event(fact: Fact, document: Document | None, *, form: str, matched: bool = True) -> bytes:
    """The event as JSON; `matched` is false when the change took the bug out of the filter."""
    data = fact["data"]
    metadata: dict[str, Any] = {name: data[name] for name in _ABOUT if name in data}
    metadata |= {"type": fact["type"], "project_id": fact["project_id"], "matched": matched}
    if document is not None and form != "compact" and fact["type"] != "bug.deleted":
        metadata["bug"] = document if form == "detailed" else {name: document.get(name) for name in SUMMARY}
    return orjson.dumps(
        {
            "event_id": fact["id"],
            "timestamp": fact["occurred_at"],
            "event_type": EVENT_TYPES.get(fact["type"], fact["type"].replace(".", "_")),
            "bug_id": bug_id(fact),
            "changes": changes(fact),
            "metadata": metadata,
        }
    )


def in_short(document: Document, form: str) -> Document:
    """A bug of a snapshot, as much of it as the format asks for."""
    if form == "detailed":
        return document
    names = ("id", "reference", "status", "severity") if form == "compact" else ("id", *SUMMARY)
    return {name: document.get(name) for name in names}


def message(sub: str, token: str, body: bytes) -> str:
    """An event message around an event that was rendered once for all its receivers."""
    head = orjson.dumps({"op": "event", "sub": sub, "resume": token})
    return (head[:-1] + b',"event":' + body + b"}").decode()


def said(op: str, **fields: object) -> str:
    """Any other message."""
    return orjson.dumps({"op": op, **fields}).decode()


def bug_id(fact: Fact) -> str | None:
    kind, _, name = fact["subject"].partition(":")
    found: str | None = name if kind == "bug" else fact["data"].get("bug_id")
    return found


def changes(fact: Fact) -> dict[str, Any]:
    data = fact["data"]
    return dict(data.get("changes") or {}) | ({"fields": data["fields"]} if "fields" in data else {})


def after(fact: Fact, document: Document) -> dict[str, Any]:
    """The document as this event left it: what the event says is older or equal, but exact."""
    return {**document, **{name: fact["data"][name] for name in _AS_OF_EVENT if name in fact["data"]}}
