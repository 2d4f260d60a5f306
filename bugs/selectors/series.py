"""Counts over time by a dimension, as charts want them: one list of points, one row of counts for each value."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bugs.intervals import Range
from bugs.models import ErrorGroup, User
from bugs.selectors import counts
from bugs.selectors.counts import Count, Filters, Question

COLUMNS = {"assignee": "assignee_id", "reporter": "reporter_id", "group": "group_id"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know about: these projects, this range, under these filters.

    has_comparison: whether the range before is wanted too.
    """

    project_ids: Collection[UUID]
    range: Range
    filters: Filters = field(default_factory=dict)
    has_comparison: bool = False

    def question(self, *measures: str) -> Question:
        start = self.range.before if self.has_comparison else self.range.start
        return Question(self.project_ids, measures, start, self.range.end, self.filters)


def over_time(asked: Asked, measure: str, dimension: str = "") -> dict[str, Any]:
    """Points, a series for each of the top values (the others together), and totals."""
    column = COLUMNS.get(dimension, dimension)
    found = counts.series(asked.question(measure), asked.range.edges, column)
    whole = _row(None, found, asked)
    return {
        **heading(asked.range),
        "total": whole["total"],
        "previous": previous(asked, whole) if asked.has_comparison else None,
        "points": [
            {"start": start, "end": end, "count": count}
            for (start, end), count in zip(asked.range.pieces, whole["counts"], strict=True)
        ],
        "series": _series(asked, found, column) if dimension else [],
    }


def heading(span: Range) -> dict[str, Any]:
    """What was counted, as it was understood."""
    return {"from": span.start, "to": span.end, "time_zone": span.zone.key, "interval": span.interval}


def previous(asked: Asked, whole: dict[str, Any]) -> dict[str, Any]:
    return {
        "from": asked.range.before,
        "to": asked.range.start,
        "total": whole["previous"],
        "change_percent": whole["change_percent"],
    }


def _series(asked: Asked, found: list[Count], column: str) -> list[dict[str, Any]]:
    by_value: dict[str | None, list[Count]] = {}
    for one in found:
        by_value.setdefault(one.value, []).append(one)
    names = names_of(column, [value for value in by_value if value])
    rows = [
        {"is_other": value is None, **_row(names.get(value) if value else None, of_value, asked)}
        for value, of_value in by_value.items()
    ]
    rows = [row for row in rows if row["total"] or row["previous"]]
    return sorted(rows, key=lambda row: (row["is_other"], -row["total"], row["value"] or ""))


def _row(value: str | None, found: Iterable[Count], asked: Asked) -> dict[str, Any]:
    places = [0] * (len(asked.range.edges) + 1)
    for one in found:
        places[one.place] += one.count
    before, total = places[0], sum(places[1:])
    return {
        "value": value,
        "total": total,
        "previous": before if asked.has_comparison else None,
        "change_percent": change(before, total) if asked.has_comparison else None,
        "counts": places[1:],
    }


def change(before: float, after: float) -> float | None:
    """In percent; None where there was nothing to compare with."""
    return round(100 * (after - before) / before, 1) if before else None


def names_of(column: str, values: Sequence[str]) -> dict[str, str]:
    """How values of a dimension are shown: people and groups of errors by name, the others as they are."""
    if column in ("assignee_id", "reporter_id"):
        people = User.objects.filter(pk__in=values).values_list("pk", "username")
        return {str(identifier): name for identifier, name in people}
    if column == "group_id":
        groups = ErrorGroup.objects.filter(pk__in=values).values_list("pk", "title")
        return {value: value for value in values} | {str(identifier): title for identifier, title in groups}
    return {value: value for value in values}
