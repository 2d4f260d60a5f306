"""What the filter language finds a group of errors by: texts of its reports, distinct and bounded."""

import threading
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

GROUPS_KNOWN = 2_000  # whose texts a process remembers
Known = dict[str, set[int]]  # field -> hashes of its texts
_known: OrderedDict[UUID, Known] = OrderedDict()
_lock = threading.Lock()  # reports over the API are written by many threads
_LOAD = "SELECT id, context::text FROM bugs_errorgroup WHERE id = ANY(%s)"
_KEEP = "INSERT INTO bugs_contextdelta (group_id, texts) SELECT * FROM unnest(%s::uuid[], %s::jsonb[])"
_CALL = ("method", "url", "status", "reason", "type", "message")
Texts = dict[str, list[str]]


def keep(batch: Iterable[Group]) -> None:
    """Note texts that a group has not got; a group that has seen it all, or enough, costs nothing.

    A new group has its first ones already. The others are folded into their groups later (`bugs.services.contexts`),
    since each change of a context is one of an index over all its words.
    """
    said = {group.id: of(group.reports) for group in batch if not group.is_new}
    known = _of_groups(said)
    fresh = {group_id: new for group_id, texts in said.items() if (new := _new(known[group_id], texts))}
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [list(fresh), [orjson.dumps(texts).decode() for texts in fresh.values()]])
    transaction.on_commit(lambda: _add(known, fresh))  # when it is committed, not before


def of(reports: Iterable[Report]) -> Texts:
    """Field of the filter language -> texts; the same text once."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for report in reports:
        for field, text in _texts(report):
            if text:
                found[field][text[: context.MAX_LENGTH]] = None
    return {field: list(texts) for field, texts in found.items()}


def _of_groups(wanted: Iterable[UUID]) -> dict[UUID, Known]:
    """What this process knows of groups; of those that it does not know it reads what they have."""
    known = {group_id: there for group_id in wanted if (there := _known.get(group_id)) is not None}
    if unknown := [group_id for group_id in wanted if group_id not in known]:
        with connection.cursor() as cursor:
            cursor.execute(_LOAD, [unknown])
            for group_id, text in cursor.fetchall():
                known[group_id] = {field: set(map(hash, texts)) for field, texts in orjson.loads(text).items()}
    _remember(known)
    return known


def _new(known: Known, texts: Texts) -> Texts:
    """What is not there yet, of fields that still have room."""
    found = {}
    for field, said in texts.items():
        there = known.get(field, set())
        room = context.MAX_TEXTS - len(there)
        if room > 0 and (new := [text for text in said if hash(text) not in there][:room]):
            found[field] = new
    return found


def _add(known: dict[UUID, Known], fresh: dict[UUID, Texts]) -> None:
    for group_id, texts in fresh.items():
        for field, new in texts.items():
            known[group_id].setdefault(field, set()).update(map(hash, new))


def _remember(known: dict[UUID, Known]) -> None:
    """Those used last."""
    with _lock:
        _known.update(known)
        for group_id in known:
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
