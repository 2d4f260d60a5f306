"""Runs what is due of grouping stored reports anew: chunk by chunk, first to see, then to move."""

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from bugs.choices import Level
from bugs.grouping_rules import Rule
from bugs.ingest.digest import similar, terms
from bugs.ingest.grouping import Grouping, rules, stored
from bugs.ingest.reading.normalize import Report
from bugs.models import ErrorGroup, Regrouping
from bugs.selectors import grouping_rules, groups, regroupings, reports
from bugs.services import regrouping
from bugs.services.report_moves import Chunk, Row, Target

logger = logging.getLogger(__name__)
CHUNK = 500  # reports of a transaction
TARGETS_MAX = 50  # groups that they may go to
_WORST_FIRST = {level: rank for rank, level in enumerate(Level.values)}
Document = Mapping[str, Any]


class Read:
    """A stored report as today's rules see it."""

    __slots__ = ("document", "identity", "report", "rule")

    def __init__(self, document: Document, identity: Grouping, rule: Rule | None, report: Report) -> None:
        self.document, self.identity, self.rule, self.report = document, identity, rule, report


def run_due(seconds: float) -> bool:
    """Work for some time at most; whether anything is left that is due."""
    until = time.monotonic() + seconds
    while (work := regrouping.claim()) is not None:
        _run(work, until)
        if time.monotonic() >= until:
            return True
    return False


def _run(work: Regrouping, until: float) -> None:
    try:
        while _step(work):
            if time.monotonic() >= until:
                regrouping.pause(work)
                return
    except regrouping.Lost:
        logger.info("the regrouping of %s is no longer epoch %s's", work.group_id, work.epoch)
    except Exception:
        logger.exception("the regrouping of %s failed, attempt %s", work.group_id, work.attempts)
        with contextlib.suppress(regrouping.Lost):
            regrouping.rest(work)


def _step(work: Regrouping) -> bool:
    """One chunk; whether anything is left to be done."""
    ids = regroupings.next_reports(work, CHUNK)
    if not ids:
        return _end_of_pass(work)
    found = _read(work.project_id, ids)
    if work.is_moving:
        _move(work, found)
        return True
    seen = _seen(work, found)
    regrouping.look(work, found=seen, after=ids[-1], looked_at=len(ids))
    if len(seen) <= regrouping.FOUND_MAX:
        return True
    regrouping.finish(work, reason=regrouping.TOO_MANY_GROUPS)
    return False


def _end_of_pass(work: Regrouping) -> bool:
    if not work.is_moving and regrouping.begin_moving(work):
        return True
    with transaction.atomic():
        _remember(work)
        regrouping.finish(work)
    return False


def _read(project_id: UUID, report_ids: Sequence[UUID]) -> list[Read]:
    """Those reports in their order, as far as they are still there."""
    own_rules = grouping_rules.load(project_id)
    found = []
    for text in reversed(reports.documents_of(report_ids)):
        document = orjson.loads(text)
        report = stored.report_of(document)
        found.append(Read(document, *rules.identify(own_rules, report), report))
    return found


def _seen(work: Regrouping, found: Sequence[Read]) -> dict[str, Any]:
    seen = dict(work.found)
    for one in found:
        if one.rule and one.rule.is_ignored:  # what is there already is not thrown away
            fingerprint, why = _own(work), ""
        else:
            fingerprint, why = one.identity.fingerprint, one.identity.reason
        entry = seen.setdefault(
            fingerprint, {"reports": 0, "grouping": why, "rule": str(one.rule.id) if one.rule else None}
        )
        entry["reports"] += 1
    return seen


def _own(work: Regrouping) -> str:
    return groups.fingerprints_of([work.group_id])[work.group_id]


def _move(work: Regrouping, found: Sequence[Read]) -> None:
    """Move as many of the reports as go to few enough groups; the others are in the next chunk."""
    columns = regroupings.columns_of([one.report.id for one in found])
    here = _own(work)
    going: dict[str, list[Read]] = {}
    staying: list[Read] = []
    last: UUID | None = None
    for one in found:
        fingerprint = one.identity.fingerprint
        if fingerprint == here or (one.rule and one.rule.is_ignored) or one.report.id not in columns:
            staying.append(one)
        elif len(going) < TARGETS_MAX or fingerprint in going:
            going.setdefault(fingerprint, []).append(one)
        else:
            break
        last = one.report.id
    if last is None:
        return
    chunk = Chunk([_target(reads, columns) for reads in going.values()], _rows(staying, columns))
    with transaction.atomic():
        for group in regrouping.move(work, chunk, after=last):
            similar.remember(work.project_id, group.pk, going[group.fingerprint][0].identity)


def _target(reads: Sequence[Read], columns: Mapping[UUID, dict[str, Any]]) -> Target:
    worst = min(reads, key=lambda one: (_WORST_FIRST[one.report.level], one.report.is_handled))
    who, rule = worst.identity, worst.rule
    return Target(
        fingerprint=who.fingerprint,
        grouping=who.reason,
        title=who.title,
        culprit=who.culprit,
        rule_id=rule.id if rule else None,
        worst=worst.document,
        severity=rule.severity if rule else "",
        component=rule.component if rule else "",
        rows=_rows(reads, columns),
        texts=terms.of(one.report for one in reads),
    )


def _rows(reads: Sequence[Read], columns: Mapping[UUID, dict[str, Any]]) -> list[Row]:
    return [Row(**columns[one.report.id], user_key=one.report.user_key) for one in reads if one.report.id in columns]


def _remember(work: Regrouping) -> None:
    """Let a group that was made by older rules be found by its stack, now that it has today's fingerprint."""
    group = ErrorGroup.objects.only("fingerprint").get(pk=work.group_id)
    text = groups.newest_document(work.project_id, work.group_id)
    if text is None or regroupings.has_frames(work.group_id):
        return
    (one,) = _read(work.project_id, [UUID(orjson.loads(text)["id"])])
    if one.identity.fingerprint == group.fingerprint:
        similar.remember(work.project_id, work.group_id, one.identity)
