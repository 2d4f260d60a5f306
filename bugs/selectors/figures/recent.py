"""What came lately: bugs and errors of the last hour, day and week, by quarters of an hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bugs import intervals, rollups
from bugs.choices import Level
from bugs.intervals import Range
from bugs.selectors import counts, error_rates
from bugs.selectors.counts import Question
from bugs.selectors.figures import backlog
from bugs.selectors.performance import FLOW

MAX_SPIKING = 10  # groups of a project that are named; all are counted

_SPIKING = """
    SELECT project_id, id, spiking_since, total FROM (
        SELECT project_id, id, spiking_since, count(*) OVER (PARTITION BY project_id) AS total,
               row_number() OVER (PARTITION BY project_id ORDER BY spiking_since DESC, id DESC) AS place
        FROM bugs_errorgroup WHERE project_id = ANY(%s) AND spiking_since IS NOT NULL AND merged_into_id IS NULL
    ) spiking WHERE place <= %s ORDER BY project_id, place
"""

Pieces = Sequence[int]
Spiking = tuple[int, list[dict[str, Any]]]  # how many there are, and those that began last


@dataclass(frozen=True, slots=True)
class Lately:
    """The last week in pieces: all of it before the last day, then each quarter of an hour."""

    now: datetime
    week: Range
    day: Range
    edges: list[datetime]

    def since(self, ago: str, pieces: Pieces) -> int:
        """How many there were from that moment on, counted in whole quarters as analytics do."""
        start = _range(ago, self.now).start
        return sum(count for edge, count in zip(self.edges, pieces, strict=True) if edge >= start)

    def read(self, project_ids: Sequence[UUID], measures: Sequence[str], dimension: str = "") -> "Read":
        question = Question(project_ids, measures, self.week.start, self.week.end)
        found: dict[tuple[UUID, str, str], list[int]] = {}
        for one in counts.by_project(question, self.edges, dimension):
            pieces = found.setdefault((one.project_id, one.measure, one.value), [0] * len(self.edges))
            pieces[one.place - 1] += one.count
        return Read(found, [0] * len(self.edges))

    def series(self, **pieces: Pieces) -> dict[str, Any]:
        """The quarters of the last day."""
        step = int(rollups.PERIOD.total_seconds())
        quarters = {name: list(counted[1:]) for name, counted in pieces.items()}
        return {"from": self.day.start, "to": self.day.end, "step_seconds": step, **quarters}


@dataclass(frozen=True, slots=True)
class Read:
    """Counts by piece, of a project, a measure and a value of the dimension."""

    found: Mapping[tuple[UUID, str, str], Pieces]
    nothing: Pieces

    def of(self, project_id: UUID, measure: str, value: str = "") -> Pieces:
        return self.found.get((project_id, measure, value), self.nothing)


def bugs(project_ids: Sequence[UUID], now: datetime) -> dict[UUID, dict[str, Any]]:
    """What is open, and what came and went."""
    lately = _lately(now)
    found, is_open = lately.read(project_ids, FLOW), backlog.by_state(project_ids)
    figures: dict[UUID, dict[str, Any]] = {}
    for project_id in project_ids:
        flow = {measure: found.of(project_id, measure) for measure in FLOW}
        totals = {f"{name}_{span}": lately.since(f"-{span}", flow[name]) for span in ("24h", "7d") for name in FLOW}
        figures[project_id] = {
            "totals": {"open": sum(is_open[project_id].values()), **totals},
            "by_status": backlog.by_status(is_open[project_id]),
            "by_severity": backlog.by_severity(is_open[project_id]),
            "series": lately.series(**flow),
        }
    return figures


def errors(project_ids: Sequence[UUID], now: datetime) -> dict[UUID, dict[str, Any]]:
    """How many came, of which level, and which kinds of them come far more often than before."""
    lately = _lately(now)
    found, spiking = lately.read(project_ids, [rollups.ERRORS], "level"), _spiking(project_ids)
    figures: dict[UUID, dict[str, Any]] = {}
    for project_id in project_ids:
        levels = {level: found.of(project_id, rollups.ERRORS, level) for level in Level.values}
        whole = [sum(pieces) for pieces in zip(*levels.values(), strict=True)]
        number, groups = spiking.get(project_id, (0, []))
        totals = {f"errors_{span}": lately.since(f"-{span}", whole) for span in ("1h", "24h", "7d")}
        figures[project_id] = {
            "totals": {**totals, "spiking_groups": number},
            "by_level": {level: sum(pieces[1:]) for level, pieces in levels.items()},
            "spiking": groups,
            "series": lately.series(errors=whole),
        }
    return figures


def _spiking(project_ids: Sequence[UUID]) -> dict[UUID, Spiking]:
    rows = counts.rows(_SPIKING, [list(project_ids), MAX_SPIKING])
    names = error_rates.named([group_id for _, group_id, _, _ in rows]) if rows else {}
    found: dict[UUID, Spiking] = {}
    for project_id, group_id, since, number in rows:
        _, groups = found.setdefault(project_id, (number, []))
        if group := names.get(str(group_id)):
            groups.append({**group, "spiking_since": since})
    return found


def _lately(now: datetime) -> Lately:
    week, day = _range("-7d", now), _range("-24h", now)
    quarters = [day.start + number * rollups.PERIOD for number in range((day.end - day.start) // rollups.PERIOD)]
    return Lately(now, week, day, [week.start, *quarters])


def _range(ago: str, now: datetime) -> Range:
    return intervals.range_of(ago, "now", "none", ZoneInfo("UTC"), now.astimezone(UTC))
