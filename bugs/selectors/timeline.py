"""One ordered story of a bug, or of a session: bounded, newest reports first to be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from audit import selectors as history
from audit.actors import Principal
from bugs import journeys
from bugs.selectors import comments, errors, reports, sessions

REPORTS_MAX = 20
EVENTS_MAX = 200
COMMENTS_MAX = 100
ENTRIES_MAX = 500


@dataclass(frozen=True, slots=True)
class Story:
    """Entries oldest first; complete is False when anything older was left out."""

    entries: list[journeys.Entry]
    is_complete: bool


def of_bug(bug_id: UUID, *, principal: Principal) -> Story:
    """Sessions, actions, failures, errors, lifecycle and comments of a bug that a gate let through."""
    ids = reports.newest(bug_id, principal=principal, limit=REPORTS_MAX + 1)
    groups = reports.groups_of(bug_id, principal=principal) if ids else None
    machine = _of_reports(ids[:REPORTS_MAX], groups.project_id) if groups else []
    happened = list(
        history.history_of(f"bug:{bug_id}")
        .filter(type__startswith="bug.")
        .order_by("-seq")
        .values("id", "type", "actor", "occurred_at", "data")[: EVENTS_MAX + 1]
    )
    said = comments.documents(bug_id, principal=principal, limit=COMMENTS_MAX + 1)
    entries = [*machine, *map(_event, happened[:EVENTS_MAX]), *map(_comment, said[:COMMENTS_MAX])]
    is_cut = len(ids) > REPORTS_MAX or len(happened) > EVENTS_MAX or len(said) > COMMENTS_MAX
    return _story(entries, is_cut=is_cut)


def of_session(session: dict[str, Any], *, project_id: UUID) -> Story:
    """The journey of one session that a gate let through."""
    wanted = errors.Wanted(session=session["key"])
    ids, _ = errors.find([project_id], wanted, limit=REPORTS_MAX + 1)
    told = [entry for report in _read(ids[:REPORTS_MAX]) for entry in journeys.of_report(report)]
    return _story([journeys.of_session(session), *told], is_cut=len(ids) > REPORTS_MAX)


def _of_reports(report_ids: Sequence[UUID], project_id: UUID) -> list[journeys.Entry]:
    found = _read(report_ids)
    keys = {report["session_id"] for report in found if report.get("session_id")}
    visits = [journeys.of_session(session) for session in sessions.sessions_of(project_id, keys)]
    return [*visits, *(entry for report in found for entry in journeys.of_report(report))]


def _read(report_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    return [orjson.loads(text) for text in reports.documents_of(report_ids)]


def _event(event: Any) -> journeys.Entry:
    data = {"type": event["type"], "actor": event["actor"], **event["data"]}
    return journeys.entry("lifecycle", event["occurred_at"], event["id"], data)


def _comment(text: str) -> journeys.Entry:
    comment = orjson.loads(text)
    at = journeys.moment(comment.pop("created_at"))
    assert at, "PostgreSQL writes times that can be read"
    return journeys.entry("comment", at, comment.pop("id"), comment)


def _story(entries: Sequence[journeys.Entry], *, is_cut: bool) -> Story:
    told = journeys.ordered(entries)
    return Story(told[-ENTRIES_MAX:], not is_cut and len(told) <= ENTRIES_MAX)
