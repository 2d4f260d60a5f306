"""The figures of analytics of many projects at once, as they are at one moment, from few statements for all of them.

They are what `series`, `performance` and `error_rates` answer of a project; the live stream tells them again and again.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from bugs.models import Project
from bugs.selectors.figures import recent, work

BUGS, ERRORS, PERFORMANCE = "bugs", "errors", "performance"

Figures = dict[str, Any]


class Measured(NamedTuple):
    """A project as far as figures need it."""

    id: UUID
    key: str
    time_zone: str


def projects(project_ids: Collection[UUID], *, keys: Collection[str] = (), limit: int | None = None) -> list[Measured]:
    """Those that are there, by key. For callers who have tested membership. keys: these alone."""
    found = Project.objects.filter(pk__in=list(project_ids)).order_by("key")
    if keys:
        found = found.filter(key__in=list(keys))
    return [Measured(*row) for row in found.values_list("pk", "key", "time_zone")[:limit]]


def of_projects(kind: str, measured: Sequence[Measured], now: datetime) -> dict[UUID, Figures]:
    """Of each project its `totals`, what they are made of, and a `series` over time. kind: one of KINDS."""
    return KINDS[kind]({one.id: one.time_zone for one in measured}, now) if measured else {}


KINDS: dict[str, Callable[[dict[UUID, str], datetime], dict[UUID, Figures]]] = {
    BUGS: lambda zones, now: recent.bugs(list(zones), now),
    ERRORS: lambda zones, now: recent.errors(list(zones), now),
    PERFORMANCE: work.performance_of,
}
