"""A Sentry event in any shape becomes one report; a wrong field is dropped and named, never the event."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from audit.identifiers import uuid7
from bugs import moments
from bugs.choices import Level
from bugs.ingest.reading import clocks, contexts, stacktrace
from bugs.ingest.wire import shapes

BREADCRUMBS_MAX, TAGS_MAX, FINGERPRINT_MAX = 100, 100, 20
CAUSES_MAX, CAUSE_FRAMES_MAX, MODULES_MAX = 10, 30, 500
AS_TAGS = ("logger", "server_name")  # fields of an event that people look for among tags
LEVELS = {level.value: level for level in Level} | {"warn": Level.WARNING, "critical": Level.FATAL}
REQUEST_FIELDS = ("url", "method", "query_string", "data")
Fields = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Report:
    """One error of one program, in the one shape the rest of the system knows.

    causes: the exceptions below the outermost one, which was raised last; each with type, value and frames.
    errors: fields that were not what they should be, and are not kept. redacted: where placeholders stand for what was
    secret or personal, as JSON pointers into the payload (`bugs.ingest.reading.redaction`); originals: what that was,
    kept beside the payload.
    """

    id: UUID = field(default_factory=uuid7)
    event_id: UUID
    occurred_at: datetime
    received_at: datetime
    level: str = Level.ERROR
    message: str = ""
    exception_type: str = ""
    exception_value: str = ""
    is_handled: bool = True
    frames: list[Fields] = field(default_factory=list)
    causes: list[Fields] = field(default_factory=list)
    breadcrumbs: list[Fields] = field(default_factory=list)
    user_actions: list[Fields] = field(default_factory=list)
    api_failures: list[Fields] = field(default_factory=list)
    auth_errors: list[Fields] = field(default_factory=list)
    system_metrics: Fields = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    user: dict[str, str] = field(default_factory=dict)
    user_key: str = ""
    request: Fields = field(default_factory=dict)
    contexts: Fields = field(default_factory=dict)
    runtime: dict[str, str] = field(default_factory=dict)
    device: dict[str, str] = field(default_factory=dict)
    extra: Fields = field(default_factory=dict)
    modules: Fields = field(default_factory=dict)
    fingerprint: list[str] = field(default_factory=list)
    transaction: str = ""
    component: str = ""
    environment: str = ""
    release: str = ""
    platform: str = ""
    session_id: str = ""
    sdk: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    redacted: list[str] = field(default_factory=list)
    originals: dict[str, str] = field(default_factory=dict)
    redaction_version: int = 0

    @property
    def top_frame(self) -> Fields | None:
        """The innermost frame of the program's own code, or the innermost."""
        return stacktrace.top(self.frames)

    def as_payload(self, **meta: Any) -> Fields:
        """The report as it is kept; `meta` is what is known of it beside what it says."""
        kind, value = self.exception_type, self.exception_value
        exception = {"type": kind, "value": value, "handled": self.is_handled} if kind or value else None
        said = {"errors": self.errors, "redacted": self.redacted, "fingerprint": self.fingerprint}
        kept = {name: getattr(self, name) for name in _PAYLOAD}
        return {**kept, "exception": exception, "meta": {**said, **meta}}


_APART = {"id", "exception_type", "exception_value", "is_handled", "errors", "redacted", "fingerprint"}
_APART |= {"originals", "redaction_version"}
_PAYLOAD = [name for name in Report.__slots__ if name not in _APART]


def normalize(
    event: Fields, *, received_at: datetime, event_id: UUID | None = None, sent_at: Any = None, peer: str = ""
) -> Report:
    """The report of an event.

    event_id: the envelope's, which wins over the event's own. sent_at: the sender's clock when it sent.
    peer: the sender's address, for a user whose SDK asks to fill it in.
    """
    report = Report(
        event_id=event_id or shapes.identifier(event.get("event_id")) or uuid4(),
        occurred_at=received_at,
        received_at=received_at,
    )
    _read(report, event, "timestamp", lambda value: _occurred_at(value, sent_at, received_at), "occurred_at")
    for name, reader in _READERS.items():
        _read(report, event, name, reader)
    report.message = _message(event)
    _read_exception(report, event)
    if _wants_peer(report, event):
        report.user["ip_address"] = peer
    report.tags = {name: found for name in AS_TAGS if (found := shapes.text(event.get(name), 200))} | report.tags
    report.component = shapes.cut(report.tags.get("component") or report.transaction or _module(report), 100)
    report.session_id = (report.tags.get("session_id") or report.tags.get("sessionId") or "")[:64]
    _derive(report)
    return report


def _derive(report: Report) -> None:
    """What no SDK sends as a type of its own."""
    crumbs = report.breadcrumbs
    report.user_actions = contexts.user_actions(crumbs)
    report.api_failures = contexts.api_failures(crumbs, report.request, report.contexts)
    kind, value = report.exception_type, report.exception_value
    report.auth_errors = contexts.auth_errors(crumbs, report.api_failures, kind, value)
    report.system_metrics = contexts.system_metrics(report.contexts)
    report.runtime = _RUNTIME(report.contexts.get("runtime"))
    report.device = _DEVICE(report.contexts.get("device"))


def _read(report: Report, event: Fields, name: str, reader: Callable[[Any], Any], target: str = "") -> None:
    if (value := event.get(name)) is None:
        return
    if found := reader(value):
        setattr(report, target or name, found)
    elif value:
        report.errors.append(name)


def _read_exception(report: Report, event: Fields) -> None:
    raised = [entry for entry in shapes.values(event.get("exception")) if isinstance(entry, dict)]
    outermost = raised[-1] if raised else {}
    report.exception_type = shapes.text(outermost.get("type"), 200)
    report.exception_value = shapes.text(outermost.get("value"))
    report.is_handled = shapes.mapping(outermost.get("mechanism")).get("handled") is not False
    if event.get("exception") and not raised:
        report.errors.append("exception")
    report.frames = stacktrace.frames(stacktrace.find(event, outermost))
    report.causes = [_cause(entry) for entry in reversed(raised[:-1][-CAUSES_MAX:])]


def _cause(raised: Fields) -> Fields:
    frames = stacktrace.frames(stacktrace.find({}, raised)[-CAUSE_FRAMES_MAX:])
    return {"type": shapes.text(raised.get("type"), 200), "value": shapes.text(raised.get("value")), "frames": frames}


def _wants_peer(report: Report, event: Fields) -> bool:
    """Whether the SDK leaves its user's address to the server: by a stand-in, or by its settings."""
    address = report.user.get("ip_address")
    settings = shapes.mapping(shapes.mapping(event.get("sdk")).get("settings"))
    return address == "{{auto}}" or (not address and settings.get("infer_ip") == "auto")


def _occurred_at(value: Any, sent_at: Any, received_at: datetime) -> datetime | None:
    found = clocks.corrected(value, sent_at=sent_at, received_at=received_at)
    return found if found and received_at - moments.OLDEST <= found <= received_at + moments.NEWEST else None


def _message(event: Fields) -> str:
    for candidate in (event.get("logentry"), event.get("message")):
        if isinstance(candidate, dict):
            candidate = candidate.get("formatted") or _filled_in(candidate)
        if found := shapes.text(candidate):
            return found
    return ""


def _filled_in(entry: Fields) -> Any:
    """`message` with its `params`, the way Python and PHP write them; unfilled when they do not fit."""
    message, params = entry.get("message"), entry.get("params")
    if not isinstance(message, str) or not isinstance(params, list) or len(message) > 4 * shapes.TEXT_MAX:
        return message
    for param in params[: shapes.ENTRIES_MAX]:
        message = message.replace("%s", shapes.text(param), 1)
    return message


def _breadcrumbs(value: Any) -> list[Fields]:
    newest = shapes.values(value)[-BREADCRUMBS_MAX:]
    return [shapes.bounded(crumb) for crumb in newest if isinstance(crumb, dict)]


def _tags(value: Any) -> dict[str, str]:
    found = ((shapes.text(key, 200), shapes.text(tag, 200)) for key, tag in shapes.pairs(value)[:TAGS_MAX])
    return {key: tag for key, tag in found if key and tag}


def _texts(*names: str) -> Callable[[Any], dict[str, str]]:
    def read(value: Any) -> dict[str, str]:
        fields = shapes.mapping(value)
        return {name: found for name in names if (found := shapes.text(fields.get(name), 200))}

    return read


_RUNTIME = _texts("name", "version", "build")
_DEVICE = _texts("family", "model", "brand", "manufacturer", "arch", "type")


def _request(value: Any) -> Fields:
    kept = shapes.mapping(value)
    found = {name: shapes.bounded(kept[name]) for name in REQUEST_FIELDS if name in kept}
    raw = shapes.pairs(kept.get("headers"))[: shapes.ENTRIES_MAX]
    headers = ((shapes.text(name, 200), _header(header)) for name, header in raw)
    found["headers"] = {name: header for name, header in headers if name}
    if (query := kept.get("query_string")) and not isinstance(query, str):
        found["query_string"] = _query(query)
    return found if kept else {}


def _query(value: Any) -> str:
    """An object or pairs, as the text that it was: what its names say is found there."""
    some = shapes.pairs(value)[: shapes.ENTRIES_MAX]
    return shapes.cut("&".join(f"{shapes.text(name)}={shapes.text(entry)}" for name, entry in some), shapes.TEXT_MAX)


def _header(value: Any) -> str:
    """PHP sends every header as a list."""
    parts = value[: shapes.ENTRIES_MAX] if isinstance(value, list) else [value]
    return shapes.cut(", ".join(shapes.text(part) for part in parts), shapes.TEXT_MAX)


def _object(value: Any) -> Fields:
    found: Fields = shapes.bounded(shapes.mapping(value))
    return found


def _modules(value: Any) -> dict[str, str]:
    """What the program depends on, and in which versions."""
    some = islice(shapes.mapping(value).items(), MODULES_MAX)
    return {name[:100]: version[:50] for name, version in some if isinstance(version, str)}


def _text_of(limit: int) -> Callable[[Any], str]:
    return lambda value: shapes.text(value, limit)


def _module(report: Report) -> str:
    frame = report.top_frame or {}
    return frame.get("module") or frame.get("filename") or ""


_READERS: dict[str, Callable[[Any], Any]] = {
    "level": lambda value: LEVELS.get(value.lower()) if isinstance(value, str) else None,
    "breadcrumbs": _breadcrumbs,
    "tags": _tags,
    "user": _texts("id", "email", "username", "name", "ip_address"),
    "request": _request,
    "contexts": _object,
    "extra": _object,
    "modules": _modules,
    "fingerprint": lambda value: [
        part for entry in shapes.values(value)[:FINGERPRINT_MAX] if (part := shapes.text(entry, 200))
    ],
    "transaction": _text_of(200),
    "environment": _text_of(64),
    "release": _text_of(200),
    "platform": _text_of(64),
    "sdk": _texts("name", "version"),
}
