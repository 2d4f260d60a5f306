"""Error reports on the stream, each as it comes in. They are no domain events: the digest announces their ids."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from audit.actors import Principal
from bugs import error_filters, query, selectors
from bugs import filters as bug_filters
from bugs.selectors import errors, matching, reports
from streaming.streams.batches import BatchRendering, Question, client_event, picked
from streaming.streams.stream import SNAPSHOT_LIMIT, Fact, Rendering, Snapshot, Stream, Subscription

DOCUMENT_MAX = 128 * 1024  # of a report in whole; a larger one stands there in short, since no socket would take it
DOCUMENTS_MAX, DOCUMENTS_LENGTH = 1_000, 16 * 1024 * 1024  # of one read, the newest; others stand there in short
DOCUMENTS_AT_ONCE = 50  # unpacked in memory
QUERY_SCAN_MAX = 1_000  # the newest reports of which a snapshot asks `q`
_SHORT = (
    *("id", "project", "group_id", "level", "title", "message", "component", "environment", "release"),
    *("session_id", "occurred_at"),
)
_COMPACT = ("id", "project", "group_id", "level")

_TESTS: dict[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "level": lambda row, wanted: not wanted or row["level"] in wanted,
    "project": lambda row, wanted: row["project"] == wanted,
    "component": lambda row, wanted: row["component"] == wanted,
    "environment": lambda row, wanted: row["environment"] == wanted,
    "release": lambda row, wanted: row["release"] == wanted,
    "session": lambda row, wanted: row["session_id"] == wanted,
    "group": lambda row, wanted: row["group_id"] == wanted,
    "occurred_after": lambda row, wanted: row["occurred_at"] > wanted,
    "occurred_before": lambda row, wanted: row["occurred_at"] < wanted,
}


@dataclass(frozen=True, slots=True)
class Told:
    """row: of the report. bug: the filter document of its bug. document: the whole report as JSON, when asked for."""

    row: Mapping[str, Any]
    bug: Mapping[str, Any] | None
    document: str | None


def read(facts: Sequence[Fact], asked: Sequence[Subscription]) -> list[Rendering]:
    """The reports of all facts, read once. Those that are gone by now are left out."""
    rows = errors.rows_of([UUID(name) for fact in facts for name in fact["data"]["reports"]])
    bugs = _bugs(rows) if any("q" in one.filters for one in asked) else {}
    texts = _documents(rows, [one.filters for one in asked if one.format == "detailed"])

    def rendering(fact: Fact) -> BatchRendering[Told]:
        mine = [row for name in fact["data"]["reports"] if (row := rows.get(UUID(name)))]
        told = [Told(row, bugs.get(str(row["bug_id"])), texts.get(row["id"])) for row in mine]
        return BatchRendering(told, question=_question, body=lambda one, form: event(fact, one, form))

    return [rendering(fact) for fact in facts]


def event(fact: Fact, told: Told, form: str) -> bytes:
    """One report as clients see it: in short, in whole, or its place alone."""
    row = told.row
    metadata: dict[str, Any] = picked(row, ("group_id", "level"))
    if form == "detailed" and told.document is None:
        metadata["is_shortened"] = True
    if form != "compact":
        metadata["error"] = orjson.Fragment(told.document) if told.document else picked(row, _SHORT)
    return client_event(
        fact,
        event_id=row["id"],
        event_type="error",
        timestamp=row["received_at"],
        bug_id=row["bug_id"],
        metadata=metadata,
    )


def _matches(row: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    return all(_TESTS[name](row, wanted) for name, wanted in filters.items() if name != "q")


def _question(subscription: Subscription, principal: Principal) -> Question[Told]:
    filters = subscription.filters
    if "q" not in filters:
        return lambda told: _matches(told.row, filters)
    asks = subscription.question(principal, lambda filters, who: query.matcher(filters["q"], principal=who))
    return lambda told: _matches(told.row, filters) and told.bug is not None and asks(told.bug)


def _bugs(rows: Mapping[UUID, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return matching.filter_documents({row["bug_id"] for row in rows.values() if row["bug_id"]})


def _documents(rows: Mapping[UUID, Mapping[str, Any]], filters: Sequence[Mapping[str, Any]]) -> dict[UUID, str]:
    """Whole reports for those who want them so, as far as their plain filters let them through."""
    wanted = sorted((name for name, row in rows.items() if any(_matches(row, one) for one in filters)), reverse=True)
    return _whole(wanted[:DOCUMENTS_MAX])


def _whole(report_ids: Sequence[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for start in range(0, len(report_ids), DOCUMENTS_AT_ONCE):
        if sum(map(len, found.values())) >= DOCUMENTS_LENGTH:
            break
        texts = reports.documents_by_id(report_ids[start : start + DOCUMENTS_AT_ONCE])
        found |= {name: text for name, text in texts.items() if len(text) <= DOCUMENT_MAX}
    return found


def _snapshot(principal: Principal, subscription: Subscription) -> Snapshot:
    asked = dict(subscription.filters)
    text, projects = asked.pop("q", None), errors.projects_for(principal, asked.pop("project", ""))
    limit = QUERY_SCAN_MAX if text else SNAPSHOT_LIMIT + 1
    ids, end = errors.find(projects, errors.Wanted(**asked), limit=limit)
    rows = errors.rows_of(ids)
    found = [rows[report_id] for report_id in ids if report_id in rows]
    if text:
        bugs = _bugs_that(text, {row["bug_id"] for row in found if row["bug_id"]}, principal)
        found = [row for row in found if row["bug_id"] in bugs]
    is_whole = end is None and len(ids) < limit and len(found) <= SNAPSHOT_LIMIT
    return Snapshot(_items(found[:SNAPSHOT_LIMIT], subscription.format), is_whole)


def _bugs_that(text: str, bug_ids: Collection[UUID], principal: Principal) -> set[UUID]:
    bugs = selectors.bugs_for(principal).filter(pk__in=bug_ids)
    return set(bug_filters.apply(bugs, {"q": text}, principal=principal).values_list("pk", flat=True))


def _items(rows: Sequence[Mapping[str, Any]], form: str) -> list[Any]:
    if form != "detailed":
        return [picked(row, _COMPACT if form == "compact" else _SHORT) for row in rows]
    texts = _whole([row["id"] for row in rows])
    return [orjson.Fragment(texts[row["id"]]) if row["id"] in texts else picked(row, _SHORT) for row in rows]


STREAMS = (
    Stream(
        name="error_events",
        about="error reports, each as it comes in",
        action="error.read",
        types=("error.received",),
        event_types=("error",),
        read=read,
        weight=lambda fact: len(fact["data"]["reports"]),
        concerns=lambda fact: True,
        clean=error_filters.of_reports,
        snapshot=_snapshot,
        filter_names=error_filters.REPORTS,
        rest="/api/v1/errors/",
    ),
)
