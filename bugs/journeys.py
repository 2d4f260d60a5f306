"""What happened in which order, told from reports, sessions, history and comments. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

KINDS = ("session_started", "user_action", "api_failure", "auth_error", "error", "lifecycle", "comment")
_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}
_REFUSED = (401, 403)
Entry = dict[str, Any]
_LAST = datetime.max.replace(tzinfo=UTC)


def ordered(entries: Iterable[Entry]) -> list[Entry]:
    """By time, then by kind, then by id; what several reports of one session tell is told once."""
    told: dict[bytes, Entry] = {}
    for entry in entries:
        told.setdefault(_identity(entry), entry)
    return sorted(told.values(), key=lambda entry: (entry["at"], _RANKS[entry["kind"]], entry["id"]))


def of_report(report: Mapping[str, Any]) -> list[Entry]:
    """The error itself and what led to it. A refused call is told as an auth error, not as a failed call too."""
    at = moment(report.get("occurred_at")) or _LAST
    failures = [failure for failure in report.get("api_failures", []) if failure.get("status") not in _REFUSED]
    led = (
        ("user_action", report.get("user_actions", [])),
        ("api_failure", failures),
        ("auth_error", report.get("auth_errors", [])),
    )
    entries = [_told(kind, fact, at, report) for kind, facts in led for fact in facts]
    return [*entries, entry("error", at, report["id"], _error(report))]


def of_session(session: Mapping[str, Any]) -> Entry:
    data = {name: session[name] for name in ("key", "state", "environment", "release", "user_key", "errors")}
    return entry("session_started", session["started_at"], session["id"], data)


def entry(kind: str, at: datetime, identifier: Any, data: Mapping[str, Any]) -> Entry:
    return {"at": at.astimezone(UTC), "kind": kind, "id": str(identifier), "data": data}


def moment(text: Any) -> datetime | None:
    """A time as we write it ourselves."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _told(kind: str, fact: Mapping[str, Any], at: datetime, report: Mapping[str, Any]) -> Entry:
    """Without a time of its own it came with the error, and not after it."""
    own = moment(fact.get("at"))
    data = {name: value for name, value in fact.items() if name != "at"} | {"session_id": report.get("session_id", "")}
    return entry(kind, min(own, at) if own else at, report["id"], data)


def _error(report: Mapping[str, Any]) -> Entry:
    exception = report.get("exception") or {}
    names = ("group_id", "level", "message", "component", "environment", "release", "session_id")
    return {
        **{name: report.get(name) for name in names},
        "type": exception.get("type", ""),
        "value": exception.get("value", ""),
    }


def _identity(entry: Entry) -> bytes:
    """Breadcrumbs are sent again with every error of their session; all else is told by its id."""
    is_shared = entry["kind"] in ("user_action", "api_failure", "auth_error") and entry["data"].get("session_id")
    return orjson.dumps([entry["kind"], entry["at"], entry["data"]] if is_shared else [entry["kind"], _own(entry)])


def _own(entry: Entry) -> list[Any]:
    return [entry["id"], entry["at"], entry["data"]]
