"""Reports become rows: each counted once, each in a group, each group of errors with a bug."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from bugs.ingest.digest import announcing, filing, groups, redacting, rows, seen, surroundings, terms
from bugs.ingest.digest.batch import Group, by_fingerprint
from bugs.ingest.grouping import rules
from bugs.ingest.outcomes import ACCEPTED, DEDUPLICATED, FILTERED
from bugs.ingest.reading.normalize import Report
from bugs.models import Project
from bugs.selectors import grouping_rules
from bugs.services import counting


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one report, and where it is when it was kept."""

    outcome: str
    report_id: UUID | None = None
    group_id: UUID | None = None
    bug_id: UUID | None = None


@transaction.atomic
def accept(project_id: UUID, reports: Sequence[Report]) -> list[Kept]:
    """Write a batch; what became of each report, in their order.

    Every batch locks in one order, so that none waits in a circle: event ids, new groups, groups by fingerprint, the
    project, bugs by id, releases, sessions. What is its own alone (reports, who met a group) is written before the rows
    that everybody writes to, so these are held for moments. Keepers that come after may lock against that order;
    PostgreSQL ends such a circle, and the batch is tried again.
    """
    surroundings.name(project_id, reports)
    redacting.redact(project_id, reports)
    own_rules = grouping_rules.load(project_id)
    identified = [(report, *rules.identify(own_rules, report)) for report in reports]
    wanted = [one for one in identified if not (one[2] and one[2].is_ignored)]
    unseen = _see(project_id, [report for report, _, _ in wanted])
    batch = by_fingerprint([one for one in wanted if id(one[0]) in unseen])
    _write(project_id, batch)
    ignored = {id(one[0]) for one in identified} - {id(one[0]) for one in wanted}
    return _answers(reports, batch, ignored)


def _write(project_id: UUID, batch: list[Group]) -> None:
    if not batch:
        return
    project = Project.objects.only("bugs_from", "attaches_similar", "key").get(pk=project_id)
    made = rows.packed(project_id, batch)  # all that takes time is done before others may have to wait
    groups.find(project_id, batch)
    counting.errors(project_id, rows.keep(project_id, batch, made))
    terms.keep(batch)
    met = surroundings.meet(batch)
    groups.count(project_id, batch)
    filing.file(project, batch, met)
    surroundings.ship(project_id, batch)
    surroundings.visit(project_id, batch)
    announcing.reports(project_id, batch)


def _see(project_id: UUID, reports: list[Report]) -> set[int]:
    """Those that were not seen before: of several with one event id the first. They get the id of their row."""
    firsts = {report.event_id: report for report in reversed(reports)}
    unseen = seen.note(project_id, {event_id: report.id for event_id, report in firsts.items()})
    return {id(firsts[event_id]) for event_id in unseen}


def _answers(reports: Sequence[Report], batch: list[Group], ignored: set[int]) -> list[Kept]:
    kept = {
        id(report): Kept(ACCEPTED, report.id, group.id, group.bug_id) for group in batch for report in group.reports
    }
    return [kept.get(id(report)) or Kept(FILTERED if id(report) in ignored else DEDUPLICATED) for report in reports]
