"""Reports that come over the API: read, written and accounted for while their sender waits, a result for each."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.parsers import BaseParser

from audit.actors import Principal
from bugs import policy
from bugs.ingest import outcomes
from bugs.ingest.digest import feedback, writer
from bugs.ingest.outcomes import ACCEPTED, FILTERED, INVALID, RECEIVED, Counted, Fate
from bugs.ingest.reading import native
from bugs.ingest.reading.normalize import Report
from bugs.ingest.wire import kinds, lenient_json
from bugs.models import Project
from bugs.selectors import payloads
from config.api.problems import Problem

REPORTS_MAX = 1_000
VALUES_MAX = 1_000_000  # that a body has about so many more commas and brackets than this would take memory
REPORT_MAX = payloads.PAYLOAD_MAX // 2  # of one as it is kept: what is larger could not be read again
NOT_AN_OBJECT, EMPTY, TOO_LARGE = "not_an_object", "empty", "body_too_large"
UNKNOWN_PROJECT, NOT_ALLOWED = "unknown_project", "not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one report. errors: fields that were left out."""

    outcome: str
    reason: str = ""
    event_id: UUID | None = None
    id: UUID | None = None
    group_id: UUID | None = None
    bug_id: UUID | None = None
    errors: Sequence[str] = field(default_factory=list)


class ReportsParser(BaseParser):
    """JSON as programs that fail write it: larger than other bodies, and texts with NUL or half a surrogate mended."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.INGEST_MAX_BODY
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise Problem(413, "body_too_large", f"A body of reports may have {limit} bytes at most.")
        if sum(map(body.count, (b",", b"{", b"["))) > VALUES_MAX:
            raise Problem(413, "body_too_large", f"A body of reports may have {VALUES_MAX} values at most.")
        try:
            return lenient_json.load(body)
        except lenient_json.Malformed as error:
            raise Problem(400, "invalid_json", str(error)) from None


@transaction.atomic
def accept(sent: Sequence[Any], *, by: Principal, project: str = "") -> list[Result]:
    """Keep reports in the projects that they name, else in that one, else in the only one that is possible.

    One result for each, in their order; projects are written in the order of their ids.
    """
    projects = _Projects(by, project)
    results: list[Result] = []
    places: dict[UUID, list[int]] = {}
    for place, one in enumerate(sent):
        project_id, fate = projects.of(one)
        results.append(Result(outcome=INVALID, reason=fate))
        if project_id:
            places.setdefault(project_id, []).append(place)
    for project_id in sorted(places):
        mine = places[project_id]
        for place, result in zip(mine, _keep(project_id, [sent[place] for place in mine]), strict=True):
            results[place] = result
    return results


class _Projects:
    """Where reports of one call go."""

    def __init__(self, by: Principal, default: str) -> None:
        known = dict(Project.objects.filter(pk__in=list(by.roles)).values_list("key", "pk"))
        self._known = frozenset(known)
        self._ids = {key: pk for key, pk in known.items() if policy.allows(by, "error.write", pk)}
        self._default = default or (next(iter(self._ids)) if len(self._ids) == 1 else "")

    def of(self, report: Any) -> tuple[UUID | None, str]:
        """The project of a report, or why it has none."""
        named = report.get("project") if isinstance(report, dict) else None
        key = self._default if named is None else named
        if isinstance(key, str) and key in self._ids:
            return self._ids[key], ""
        return None, NOT_ALLOWED if isinstance(key, str) and key in self._known else UNKNOWN_PROJECT


def _keep(project_id: UUID, sent: Sequence[Any]) -> list[Result]:
    now = timezone.now()
    read = [_read(one, now) for one in sent]
    reports = [one for one in read if isinstance(one, Report)]
    kept = zip(reports, writer.accept(project_id, reports), strict=True)
    results = [one if isinstance(one, Result) else _result(*next(kept)) for one in read]
    _account(project_id, results)
    feedback.link(project_id, dict(_bugs(results)))
    return results


def _read(sent: Any, now: datetime) -> Report | Result:
    """A report, or what is said of one that cannot be kept."""
    if why := _wrong(sent):
        return Result(outcome=INVALID, reason=why)
    report = native.read(sent, received_at=now)
    if len(orjson.dumps(report.as_payload())) > REPORT_MAX:
        return Result(outcome=INVALID, reason=TOO_LARGE, event_id=report.event_id)
    return report


def _wrong(report: Any) -> str:
    """Why it is no report at all."""
    if not isinstance(report, dict):
        return NOT_AN_OBJECT
    return "" if report.keys() - {"project"} else EMPTY


def _result(report: Report, kept: writer.Kept) -> Result:
    return Result(
        outcome=kept.outcome,
        reason="rule" if kept.outcome == FILTERED else "",
        event_id=report.event_id,
        id=kept.report_id,
        group_id=kept.group_id,
        bug_id=kept.bug_id,
        errors=report.errors,
    )


def _account(project_id: UUID, results: Sequence[Result]) -> None:
    counted = Counter(Counted(project_id, kinds.ERROR, one.outcome, one.reason) for one in results)
    outcomes.count({**counted, Counted(project_id, kinds.ERROR, RECEIVED): len(results)})
    gone = {one.event_id: Fate(one.outcome, one.reason) for one in results if one.event_id and one.outcome != ACCEPTED}
    if gone:
        outcomes.remember(project_id, gone)


def _bugs(results: Sequence[Result]) -> Iterator[tuple[UUID, UUID]]:
    return ((one.event_id, one.bug_id) for one in results if one.event_id and one.bug_id)
