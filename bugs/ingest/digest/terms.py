"""What the filter language finds a group of errors by: texts of its reports, distinct and bounded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from django.db import connection

from bugs.ingest.digest.batch import Group
from bugs.ingest.reading.normalize import Report
from bugs.ingest.wire import shapes
from bugs.query import context

_KEEP = "UPDATE bugs_errorgroup SET context = %s::jsonb, context_words = %s::tsvector WHERE id = %s"
_CALL = ("method", "url", "status", "reason", "type", "message")


def keep(groups: Iterable[Group]) -> None:
    """Add what is new to the context of each group; a group that has seen it all costs no write."""
    for group in groups:
        merged = context.merge(group.context, of(group.reports))
        if merged != group.context:
            with connection.cursor() as cursor:
                cursor.execute(_KEEP, [orjson.dumps(merged).decode(), context.vector(merged), group.id])


def of(reports: Iterable[Report]) -> dict[str, list[str]]:
    """Field of the filter language -> texts; the same text once."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for report in reports:
        for field, text in _texts(report):
            if text:
                found[field][text[: context.MAX_LENGTH]] = None
    return {field: list(texts) for field, texts in found.items()}


def _texts(report: Report) -> Iterator[tuple[str, str]]:
    for crumb in report.breadcrumbs:
        yield "breadcrumb", _joined(crumb, "category", "message")
    for failure in report.api_failures:
        yield "api_failure", _joined(failure, *_CALL)
    for error in report.auth_errors:
        yield "auth_error", _joined(error, *_CALL)
    for action in report.user_actions:
        yield "user_action", _joined(action, "action", "target", "url_to")
    yield "session", report.session_id
    yield "exception", f"{report.exception_type} {report.exception_value}".strip()
    yield "error_component", report.component
    yield "error_environment", report.environment
    yield "error_release", report.release
    yield "url", shapes.text(report.request.get("url")).partition("?")[0]
    for frame in report.frames:
        yield "file", frame.get("filename") or frame.get("abs_path") or ""
        yield "function", frame.get("function") or ""
    for name in ("browser", "os"):
        yield name, _joined(shapes.mapping(report.contexts.get(name)), "name", "version")
    yield "device", _joined(shapes.mapping(report.contexts.get("device")), "family", "model")


def _joined(fields: dict[str, Any], *names: str) -> str:
    return " ".join(text for name in names if (text := shapes.text(fields.get(name))))
