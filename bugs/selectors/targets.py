"""Targets of projects for triage and resolution: what was missed, and what is late now."""

from datetime import datetime, timedelta
from typing import Any

from bugs.choices import Severity
from bugs.models import Project
from bugs.selectors import counts
from bugs.selectors.series import Asked

# As the condition of the index bugs_bug_open has it.
OPEN = "deleted_at IS NULL AND status IN ('new', 'triaged', 'in_progress', 'reopened')"

_BREACHES = """
    WITH targets (project_id, severity, part, hours) AS (
        SELECT p, s, k, make_interval(hours => h)
        FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[]) AS t (p, s, k, h)
    )
    SELECT part, severity, count(*), count(*) FILTER (WHERE done_at IS NULL OR done_at > due_at) FROM (
        SELECT t.part, t.severity, b.created_at + t.hours AS due_at,
               CASE t.part WHEN 'triage' THEN b.triaged_at ELSE b.resolved_at END AS done_at
        FROM targets t JOIN bugs_bug b ON b.project_id = t.project_id AND b.severity = t.severity
        WHERE b.project_id = ANY(%s) AND b.created_at >= %s  -- implied, so that each bug is read but once
          AND b.deleted_at IS NULL AND b.created_at >= %s - t.hours AND b.created_at < least(%s, %s) - t.hours{where}
    ) due GROUP BY 1, 2
"""
_OVERDUE = f"""
    WITH targets (project_id, severity, part, hours) AS (
        SELECT p, s, k, make_interval(hours => h)
        FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[]) AS t (p, s, k, h)
    )
    SELECT t.part, t.severity, count(*) FROM targets t
    JOIN bugs_bug b ON b.project_id = t.project_id AND b.severity = t.severity
    WHERE b.project_id = ANY(%s) AND {OPEN} AND b.created_at < %s - t.hours
      AND (t.part = 'resolve' OR b.triaged_at IS NULL){{where}}
    GROUP BY 1, 2
"""  # noqa: S608 - names of ours


def of_projects(asked: Asked, now: datetime) -> dict[str, Any]:
    """Targets that fell due in the range and were missed, and open bugs that are past theirs now."""
    targets = _targets(asked)
    condition, parameters = where(asked, "b.")
    projects, longest = list(asked.project_ids), timedelta(hours=max(targets[3], default=0))
    span = [projects, asked.range.start - longest, asked.range.start, asked.range.end, now]
    due = counts.rows(_BREACHES.format(where=condition), [*targets, *span, *parameters])
    overdue = counts.rows(_OVERDUE.format(where=condition), [*targets, projects, now, *parameters])
    late = {(part, severity): count for part, severity, count in overdue}
    answer: dict[str, Any] = {}
    for part in ("triage", "resolve"):
        by_severity = {
            severity: {"due": 0, "breached": 0, "overdue_now": late.get((part, severity), 0)}
            for severity in Severity.values
        }
        for of_part, severity, number, missed in due:
            if of_part == part:
                by_severity[severity] |= {"due": number, "breached": missed}
        whole = {name: sum(row[name] for row in by_severity.values()) for name in ("due", "breached", "overdue_now")}
        met = round(1 - whole["breached"] / whole["due"], 4) if whole["due"] else None
        answer[part] = {**whole, "met": met, "by_severity": by_severity}
    return answer


def _targets(asked: Asked) -> list[list[Any]]:
    """Four columns: project, severity, part, hours."""
    columns: list[list[Any]] = [[], [], [], []]
    for project_id, sla in Project.objects.filter(pk__in=asked.project_ids).values_list("pk", "sla"):
        for severity, target in sla.items():
            for name, hours in target.items():
                row = (project_id, severity, name.removesuffix("_hours"), hours)
                for column, value in zip(columns, row, strict=True):
                    column.append(value)
    return columns


def where(asked: Asked, table: str = "") -> tuple[str, list[Any]]:
    """Filters on the bugs themselves; their names come from an allow-list."""
    sql = "".join(f" AND {table}{name} = ANY(%s)" for name in asked.filters)
    return sql, [list(values) for values in asked.filters.values()]
