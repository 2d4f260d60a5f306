"""How many bugs are open in each project: no rollup has what passes, but open bugs have an index of their own."""

from collections.abc import Collection, Iterable
from uuid import UUID

from bugs.choices import Severity
from bugs.lifecycle import OPEN as OPEN_STATUSES
from bugs.selectors import counts
from bugs.selectors.targets import OPEN

_NUMBERS = f"SELECT project_id, count(*) FROM bugs_bug WHERE project_id = ANY(%s) AND {OPEN} GROUP BY 1"  # noqa: S608
_BY_STATE = f"""
    SELECT project_id, status, severity, count(*) FROM bugs_bug
    WHERE project_id = ANY(%s) AND {OPEN} GROUP BY 1, 2, 3
"""  # noqa: S608 - names of ours

Cells = dict[tuple[str, str], int]  # status and severity -> how many


def numbers(project_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many are open."""
    return dict.fromkeys(project_ids, 0) | dict(counts.rows(_NUMBERS, [list(project_ids)]))


def by_state(project_ids: Collection[UUID]) -> dict[UUID, Cells]:
    """How many are open, by what they are."""
    found: dict[UUID, Cells] = {project_id: {} for project_id in project_ids}
    for project_id, status, severity, count in counts.rows(_BY_STATE, [list(project_ids)]):
        found[project_id][status, severity] = count
    return found


def by_status(cells: Cells) -> dict[str, int]:
    return _summed(sorted(OPEN_STATUSES), ((status, count) for (status, _), count in cells.items()))


def by_severity(cells: Cells) -> dict[str, int]:
    return _summed(Severity.values, ((severity, count) for (_, severity), count in cells.items()))


def _summed(names: Iterable[str], found: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Counts by name, also of names that have none."""
    sums = {str(name): 0 for name in names}
    for name, count in found:
        sums[name] += count
    return sums
