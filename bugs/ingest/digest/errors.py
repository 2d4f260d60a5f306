"""Items that are events: read into reports, written, and accounted for by their ids."""

from collections.abc import Sequence
from uuid import UUID

from bugs.ingest import outcomes
from bugs.ingest.digest import feedback, writer
from bugs.ingest.digest.items import Item
from bugs.ingest.outcomes import ACCEPTED, FILTERED, INVALID, Fate
from bugs.ingest.reading.normalize import Report, normalize
from bugs.ingest.wire import lenient_json


def keep(project_id: UUID, items: Sequence[Item]) -> list[Fate]:
    """Write the events of a batch."""
    reports = [_read(item) for item in items]
    found = [report for report in reports if report]
    kept = dict(zip(map(id, found), writer.accept(project_id, found), strict=True))
    fates = [_fate(kept.get(id(report))) for report in reports]
    named = [(report.event_id if report else item.event_id) for report, item in zip(reports, items, strict=True)]
    refused = {key: fate for key, fate in zip(named, fates, strict=True) if key and fate.outcome != ACCEPTED}
    outcomes.remember(project_id, refused)
    bugs = {report.event_id: one.bug_id for report in found if (one := kept[id(report)]).bug_id}
    feedback.link(project_id, bugs)
    return fates


def _read(item: Item) -> Report | None:
    """None when it is no JSON object; anything else becomes a report."""
    try:
        event = lenient_json.load(item.payload)
    except lenient_json.Malformed:
        return None
    if not isinstance(event, dict):
        return None
    return normalize(event, received_at=item.received_at, event_id=item.event_id, sent_at=item.sent_at, peer=item.peer)


def _fate(kept: writer.Kept | None) -> Fate:
    if kept is None:
        return Fate(INVALID, "json_invalid")
    return Fate(kept.outcome, "rule" if kept.outcome == FILTERED else "")
