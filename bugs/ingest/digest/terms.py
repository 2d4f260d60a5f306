"""What the filter language finds a group of errors by: texts of its reports, distinct and bounded."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from bugs.ingest.digest.batch import Group
from bugs.ingest.reading.normalize import Report
from bugs.ingest.wire import shapes
from bugs.query import context

GROUPS_KNOWN = 5_000  # whose texts a process remembers
TEXTS_KNOWN = 5_000  # of one group; beyond that they are read again
_known: OrderedDict[UUID, set[int]] = OrderedDict()
_LOAD = "SELECT id, context::text FROM bugs_errorgroup WHERE id = ANY(%s)"
_KEEP = "UPDATE bugs_errorgroup SET context = %s::jsonb, context_words = %s::tsvector WHERE id = %s"
_CALL = ("method", "url", "status", "reason", "type", "message")
Texts = dict[str, dict[str, None]]


def keep(batch: Iterable[Group]) -> None:
    """Add what is new to the context of each group, which must be locked; one that has seen it all costs nothing."""
    fresh = {group.id: found for group in batch if (found := _unknown(group.id, of(group.reports)))}
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [list(fresh)])
        changed = []
        for group_id, text in cursor.fetchall():
            old = orjson.loads(text)
            merged = context.merge(old, fresh[group_id])
            if merged != old:
                changed.append([orjson.dumps(merged).decode(), context.vector(merged), group_id])
        cursor.executemany(_KEEP, changed)
    transaction.on_commit(lambda: _remember(fresh))


def of(reports: Iterable[Report]) -> dict[str, list[str]]:
    """Field of the filter language -> texts; the same text once."""
    found: Texts = defaultdict(dict)
    for report in reports:
        for field, text in _texts(report):
            if text:
                found[field][text[: context.MAX_LENGTH]] = None
    return {field: list(texts) for field, texts in found.items()}


def _unknown(group_id: UUID, found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The texts that this process has not looked for in the group's context before."""
    known = _known.get(group_id)
    if known is None:
        return found
    new = {field: [text for text in texts if hash((field, text)) not in known] for field, texts in found.items()}
    return {field: texts for field, texts in new.items() if texts}


def _remember(fresh: dict[UUID, dict[str, list[str]]]) -> None:
    for group_id, found in fresh.items():
        known = _known.setdefault(group_id, set())
        if len(known) > TEXTS_KNOWN:
            known.clear()
        known.update(hash((field, text)) for field, texts in found.items() for text in texts)
        _known.move_to_end(group_id)
    while len(_known) > GROUPS_KNOWN:
        _known.popitem(last=False)


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
