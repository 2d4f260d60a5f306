"""The reports of one batch by the groups they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.identifiers import uuid7
from bugs.choices import Level
from bugs.ingest import grouping
from bugs.ingest.reading.normalize import Report


@dataclass(slots=True)
class Group:
    """One group, its reports in the batch, and what the database says of it; totals include the batch."""

    identity: grouping.Grouping
    reports: list[Report] = field(default_factory=list)
    id: UUID = field(default_factory=uuid7)
    bug_id: UUID | None = None
    is_new: bool = False
    total: int = 0
    users: int = 0
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def worst(self) -> Report:
        """What the group's bug is made from: fatal before error, unhandled before handled."""
        order = list(Level.values)
        return min(self.reports, key=lambda report: (order.index(report.level), report.is_handled))

    @property
    def newest(self) -> Report:
        return max(self.reports, key=happened_at)


def happened_at(report: Report) -> datetime:
    """No later than it came, whatever its clock says."""
    return min(report.occurred_at, report.received_at)


def by_fingerprint(reports: Iterable[Report]) -> list[Group]:
    """Groups in the order in which every batch locks them."""
    groups: dict[str, Group] = {}
    for report in reports:
        identity = grouping.group(report)
        groups.setdefault(identity.fingerprint, Group(identity)).reports.append(report)
    return [groups[fingerprint] for fingerprint in sorted(groups)]
