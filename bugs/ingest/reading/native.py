"""A native report (EnhancedErrorReport) is read like an event of an SDK, and beside that what only it can say. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from bugs.ingest.reading import contexts, native_entries, native_exception
from bugs.ingest.reading.native_entries import Fields, snake
from bugs.ingest.reading.normalize import Report, normalize
from bugs.ingest.wire import shapes

ERRORS_MAX = 50  # names of fields that were dropped
_IDS = UUID("5b7f3f0e-6a4b-5d0a-9a52-0d6a2f3c9e11")  # ids that are no UUIDs become some below this one

# Other names of a field, after `sessionId` was read as `session_id`; the field's own name comes first.
_ALIASES = {
    "event_id": ("id",),
    "occurred_at": ("timestamp",),
    "exception": ("error",),
    "stack": ("stacktrace", "stack_trace"),
    "component": ("component_name",),
    "modules": ("dependencies",),
    "contexts": ("context",),
    "extra": ("metadata", "additional_data"),
    "user": ("user_id",),
    "request": ("url",),
    "fingerprint": ("meta",),
}
# What `normalize` reads, and what it calls that.
_EVENT = {
    "occurred_at": "timestamp",
    **{name: name for name in ("level", "message", "breadcrumbs", "tags", "contexts", "extra", "modules", "sdk")},
    **{name: name for name in ("transaction", "environment", "release", "platform")},
}
_OURS = frozenset(
    {
        *_EVENT,
        *_ALIASES,
        *("frames", "causes", "user_actions", "api_failures", "auth_errors", "system_metrics"),
        *("session_id", "user_agent"),
    }
)
# What `GET` shows beside it; sent back, it says nothing.
_SHOWN = frozenset({*Report.__slots__, "group_id", "bug", "project", "meta"})
_TO_OURS = {event_name: name for name, event_name in _EVENT.items()}


def read(report: Fields, *, received_at: datetime) -> Report:
    """Lenient for each field: what is wrong is left out and named as its sender named it."""
    said, names = _named(report)
    event = {event_name: said[name] for name, event_name in _EVENT.items() if name in said}
    event |= {"user": _user(said), "request": _request(said), "fingerprint": _fingerprint(said)}
    event |= native_exception.of(said)
    found = normalize(event, received_at=received_at, event_id=_event_id(said.get("event_id")))
    wrong = [_TO_OURS.get(name, name) for name in found.errors]
    wrong += _read_texts(found, said)
    wrong += _read_lists(found, said)
    wrong += [name for name in ("frames", "causes") if not isinstance(said.get(name, []), list)]
    if "stack" in said and not found.frames:
        wrong.append("stack")
    unknown = [name[: native_entries.NAME_MAX] for name in report if not _is_known(snake(name))]
    found.errors = list(dict.fromkeys([*(names.get(name, name) for name in wrong), *unknown]))[:ERRORS_MAX]
    return found


def _named(report: Fields) -> tuple[Fields, dict[str, str]]:
    """What was said by our names, and what the sender calls each of those."""
    given = {snake(name): name for name in reversed(report)}
    said, names = {}, {}
    for name in _OURS:
        for alias in (name, *_ALIASES.get(name, ())):
            if alias in given and report[given[alias]] is not None:
                said[name], names[name] = report[given[alias]], given[alias][: native_entries.NAME_MAX]
                break
    return said, names


def _is_known(name: str) -> bool:
    return name in _OURS or name in _SHOWN or any(name in aliases for aliases in _ALIASES.values())


def _event_id(value: Any) -> UUID:
    """The same id is the same event, whatever it looks like."""
    text = shapes.text(value, 200)
    return shapes.identifier(text) or (uuid5(_IDS, text) if text else uuid4())


def _user(said: Fields) -> Any:
    user = said.get("user")
    return {"id": user} if isinstance(user, str | int) else user


def _request(said: Fields) -> Any:
    request = said.get("request")
    request = {"url": request} if isinstance(request, str) else request
    if agent := shapes.text(said.get("user_agent")):
        request = {**shapes.mapping(request)}
        request["headers"] = {**shapes.mapping(request.get("headers")), "User-Agent": agent}
    return request


def _fingerprint(said: Fields) -> Any:
    """Of a report that was read here before it is in `meta`."""
    fingerprint = said.get("fingerprint")
    if isinstance(fingerprint, dict):
        return fingerprint.get("fingerprint")
    return [fingerprint] if isinstance(fingerprint, str) else fingerprint


def _read_texts(report: Report, said: Fields) -> list[str]:
    """Component and session, which SDKs have no field for; the names of those that were no texts."""
    wrong = []
    for name, limit in (("component", 100), ("session_id", 64)):
        if text := shapes.text(said.get(name), limit):
            setattr(report, name, text)
        elif said.get(name):
            wrong.append(name)
    return wrong


_LISTS: dict[str, Callable[[Fields], Fields]] = {
    "user_actions": native_entries.user_action,
    "api_failures": native_entries.api_failure,
    "auth_errors": native_entries.auth_error,
}


def _read_lists(report: Report, said: Fields) -> list[str]:
    """What is listed is taken before what breadcrumbs tell; the names of lists that had something wrong."""
    wrong = []
    for name, reader in _LISTS.items():
        entries, is_right = native_entries.read(said.get(name, []), reader)
        if entries:
            setattr(report, name, entries)
        if not is_right:
            wrong.append(name)
    if "api_failures" in said and "auth_errors" not in said:
        calls, kind, value = report.api_failures, report.exception_type, report.exception_value
        report.auth_errors = contexts.auth_errors(report.breadcrumbs, calls, kind, value)
    numbers, is_right = native_entries.metrics(said.get("system_metrics", {}))
    report.system_metrics = {**report.system_metrics, **numbers}
    return wrong if is_right else [*wrong, "system_metrics"]
