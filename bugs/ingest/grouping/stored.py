"""Reports that were kept, read back so that they can be grouped again. Pure."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from bugs.ingest.reading.normalize import Report

_TIMES = ("occurred_at", "received_at")
_META = ("errors", "redacted", "fingerprint")
_NAMES = {each.name for each in fields(Report)} - {"id", "event_id", "originals", "redaction_version", *_TIMES, *_META}


def report_of(document: Mapping[str, Any]) -> Report:
    """The report of its JSON document, as it is shown and as it is kept."""
    meta, exception = document.get("meta") or {}, document.get("exception") or {}
    said: dict[str, Any] = {name: document[name] for name in _NAMES if name in document}
    said |= {name: datetime.fromisoformat(document[name]) for name in _TIMES}
    said |= {name: list(meta.get(name) or ()) for name in _META}
    said |= {"exception_type": exception.get("type") or "", "exception_value": exception.get("value") or ""}
    said["is_handled"] = exception.get("handled") is not False
    return Report(id=UUID(document["id"]), event_id=UUID(document["event_id"]), **said)
