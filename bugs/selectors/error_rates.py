"""Errors over time: how many, how often, where, and how many users met them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bugs import rollups
from bugs.models import ErrorGroup
from bugs.selectors import counts, series
from bugs.selectors.series import Asked

TOP = 10

_USERS = """
    SELECT width_bucket(first_seen_at, %s::timestamptz[]), count(*) FROM (
        SELECT a.user_key, min(a.first_seen_at) AS first_seen_at FROM bugs_errorgroup g
        JOIN bugs_affecteduser a ON a.group_id = g.id
        WHERE g.project_id = ANY(%s) AND g.last_seen_at >= %s AND a.first_seen_at >= %s AND a.first_seen_at < %s
        GROUP BY 1
    ) met GROUP BY 1
"""
_SESSIONS = """
    SELECT count(*), count(*) FILTER (WHERE errors > 0 OR state IN ('errored', 'crashed', 'abnormal')),
           count(*) FILTER (WHERE state = 'crashed'), coalesce(sum(errors), 0)
    FROM bugs_session WHERE project_id = ANY(%s) AND started_at >= %s AND started_at < %s{where}
"""
SESSION_FILTERS = ("environment", "release")


def of_projects(asked: Asked, dimension: str, now: datetime) -> dict[str, Any]:
    """All figures of errors in the range."""
    answer = series.over_time(asked, rollups.ERRORS, dimension)
    top = counts.totals(_present(asked), ["component", "group_id"], TOP + 1)
    hours = (min(asked.range.end, now) - asked.range.start) / timedelta(hours=1)
    return {
        **answer,
        "errors_per_hour": round(answer["total"] / hours, 4) if hours > 0 else None,
        "sessions": _sessions(asked),
        "affected_users": _users(asked),
        "top_components": _top_components(top["component"]),
        "top_groups": _top_groups(top["group_id"]),
    }


def _sessions(asked: Asked) -> dict[str, Any] | None:
    """None when there are none, or when sessions do not have what is filtered by."""
    if not asked.filters.keys() <= set(SESSION_FILTERS):
        return None
    where = "".join(f" AND {name} = ANY(%s)" for name in asked.filters)
    span = [list(asked.project_ids), asked.range.start, asked.range.end]
    values = [list(some) for some in asked.filters.values()]
    count, troubled, crashed, errors = counts.rows(_SESSIONS.format(where=where), [*span, *values])[0]
    if not count:
        return None
    return {
        "count": count,
        "with_errors": troubled,
        "crashed": crashed,
        "crash_free": round(1 - crashed / count, 4),
        "errors_per_session": round(errors / count, 4),
    }


def _users(asked: Asked) -> dict[str, Any] | None:
    """Users who met a kind of error that they had not met before; None under filters, which users do not keep."""
    if asked.filters:
        return None
    span = asked.range
    places = [0] * len(span.edges)
    wanted = [list(asked.project_ids), span.start, span.start, span.end]
    for place, count in counts.rows(_USERS, [span.edges, *wanted]):
        places[place - 1] += count
    return {"total": sum(places), "counts": places}


def _top_components(found: list[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"component": value, "errors": count} for value, count in found if value][:TOP]


def _top_groups(found: list[tuple[str, int]]) -> list[dict[str, Any]]:
    groups = named([UUID(value) for value, _ in found if value])
    return [{**groups[value], "errors": count} for value, count in found if value in groups][:TOP]


def _present(asked: Asked) -> counts.Question:
    span = asked.range
    return counts.Question(asked.project_ids, [rollups.ERRORS], span.start, span.end, asked.filters)


def named(group_ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    """What groups are called, by id."""
    rows = ErrorGroup.objects.filter(pk__in=group_ids).values_list(
        "pk", "title", "culprit", "level", "bug__project__key", "bug__number", "bug__deleted_at"
    )
    return {
        str(identifier): {
            "id": str(identifier),
            "title": title,
            "culprit": culprit,
            "level": level,
            "bug": f"{key}-{number}" if key and not deleted_at else None,
        }
        for identifier, title, culprit, level, key, number, deleted_at in rows
    }
