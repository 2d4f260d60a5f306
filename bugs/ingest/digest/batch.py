"""The reports of one batch by the groups they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.identifiers import uuid7
from bugs.choices import Level
from bugs.ingest.grouping import Grouping, rules
from bugs.ingest.reading.normalize import Report

_WORST_FIRST = {level: rank for rank, level in enumerate(Level.values)}


@dataclass(slots=True)
class Group:
    """One group, its reports in the batch, and what the database says of it; totals include the batch.

    head_id: the group that it stands behind. last_release: before this batch. more_users: for whom it is new.
    """

    identity: Grouping
    rule: rules.Rule | None
    reports: list[Report] = field(default_factory=list)
    id: UUID = field(default_factory=uuid7)
    bug_id: UUID | None = None
    head_id: UUID | None = None
    is_new: bool = False
    last_release: str = ""
    total: int = 0
    users: int = 0
    more_users: int = 0
    report_ids: list[UUID] = field(default_factory=list)

    @property
    def worst(self) -> Report:
        """What the group's bug is made from: fatal before error, unhandled before handled."""
        return min(self.reports, key=lambda report: (_WORST_FIRST[report.level], report.is_handled))

    @property
    def newest(self) -> Report:
        return max(self.reports, key=happened_at)


def happened_at(report: Report) -> datetime:
    """No later than it came, whatever its clock says."""
    return min(report.occurred_at, report.received_at)


def by_fingerprint(identified: Iterable[tuple[Report, Grouping, rules.Rule | None]]) -> list[Group]:
    """Groups in the order in which every batch locks them."""
    groups: dict[str, Group] = {}
    for report, identity, rule in identified:
        group = groups.get(identity.fingerprint)
        if group is None:
            group = groups[identity.fingerprint] = Group(identity, rule)
        group.reports.append(report)
    return [groups[fingerprint] for fingerprint in sorted(groups)]


def columns(rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """Rows as columns, for `unnest`."""
    return [list(column) for column in zip(*rows, strict=True)]
