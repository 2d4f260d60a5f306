"""How work went in the last thirty days: how long it took, what came and went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bugs import intervals, rollups
from bugs.selectors import counts, performance
from bugs.selectors.counts import Question
from bugs.selectors.figures import backlog
from bugs.selectors.performance import FLOW
from bugs.selectors.series import Asked

_AGO = "-30d"

Durations = Mapping[tuple[str, str], dict[int, int]]  # measure and value -> bucket -> count


def performance_of(zones: Mapping[UUID, str], now: datetime) -> dict[UUID, dict[str, Any]]:
    """zones: by whose days each project is counted; those of one zone share their statements."""
    figures: dict[UUID, dict[str, Any]] = {}
    for zone in dict.fromkeys(zones.values()):
        project_ids = [project_id for project_id, its in zones.items() if its == zone]
        figures |= _of_zone(Asked(project_ids, intervals.range_of(_AGO, "now", "day", ZoneInfo(zone), now)), now)
    return figures


def _of_zone(asked: Asked, now: datetime) -> dict[UUID, dict[str, Any]]:
    took = counts.durations_by_project(asked.question(rollups.TRIAGED, rollups.RESOLVED), "severity")
    came, is_open = _came(asked, now), backlog.numbers(asked.project_ids)
    figures: dict[UUID, dict[str, Any]] = {}
    for project_id in asked.project_ids:
        flow = performance.flow(asked, came[project_id], is_open[project_id], now)
        triage, resolve = (_times(took.get(project_id, {}), one) for one in (rollups.TRIAGED, rollups.RESOLVED))
        figures[project_id] = {
            "totals": {"open": is_open[project_id], **_totals(triage, resolve, flow)},
            "time_to_triage": triage,
            "time_to_resolve": resolve,
            "series": {"time_zone": asked.range.zone.key, "points": flow["throughput"]["points"]},
        }
    return figures


def _came(asked: Asked, now: datetime) -> dict[UUID, dict[str, list[int]]]:
    """What came and went in each project: before the range, on each of its days, and after it."""
    edges = [*asked.range.edges, asked.range.end]
    question = Question(asked.project_ids, FLOW, asked.range.start, performance.end_of_flow(asked, now))
    places = {project_id: {measure: [0] * (len(edges) + 1) for measure in FLOW} for project_id in asked.project_ids}
    for one in counts.by_project(question, edges):
        places[one.project_id][one.measure][one.place] += one.count
    return places


def _times(took: Durations, measure: str) -> dict[str, Any]:
    by_value = {value: buckets for (of_measure, value), buckets in took.items() if of_measure == measure}
    return performance.times(by_value, "severity")


def _totals(triage: Mapping[str, Any], resolve: Mapping[str, Any], flow: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "created_30d": flow["throughput"]["created"],
        "triaged_30d": triage["count"],
        "resolved_30d": flow["throughput"]["resolved"],
        "reopened_30d": flow["reopened"]["count"],
        "reopen_rate": flow["reopened"]["rate"],
        "triage_median_seconds": triage["median_seconds"],
        "triage_p90_seconds": triage["p90_seconds"],
        "resolve_median_seconds": resolve["median_seconds"],
        "resolve_p90_seconds": resolve["p90_seconds"],
    }
