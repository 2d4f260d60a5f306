"""How well releases do: how many of their sessions, and of their users, got by without a crash.

Sessions are tracked one by one, or counted by servers that send only numbers. Sessions that nothing but errors tell of
are left out: those that went well would be missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bugs.intervals import Range

LISTED_MAX, LOOKED_MAX = 1_000, 100_000  # sessions looked at: of each release of a list, of one in full
RECENT = timedelta(hours=24)
_PRECISION = 6

# What one row of `s` is worth; users are known of tracked sessions alone.
_WORTH = """
    count(*) FILTER (WHERE s.is_tracked) AS sessions,
    count(*) FILTER (WHERE s.is_tracked AND s.state = 'crashed') AS crashed,
    count(*) FILTER (WHERE s.is_tracked AND s.state = 'abnormal') AS abnormal,
    count(*) FILTER (WHERE s.is_tracked AND s.state NOT IN ('crashed', 'abnormal')
        AND (s.errors > 0 OR s.state = 'errored')) AS errored,
    count(DISTINCT nullif(s.user_key, '')) FILTER (WHERE s.is_tracked) AS users,
    count(DISTINCT nullif(s.user_key, '')) FILTER (WHERE s.is_tracked AND s.state = 'crashed') AS crashed_users
"""
_COUNTED = """
    coalesce(sum(c.exited::bigint + c.errored + c.crashed + c.abnormal), 0)::bigint AS sessions,
    coalesce(sum(c.crashed), 0)::bigint AS crashed, coalesce(sum(c.abnormal), 0)::bigint AS abnormal,
    coalesce(sum(c.errored), 0)::bigint AS errored
"""
_NEWEST = """
    SELECT state, errors, user_key, is_tracked, release, started_at FROM bugs_session
    WHERE project_id = {project} {release} AND started_at >= %(start)s AND started_at < %(end)s
        AND (%(environment)s = '' OR environment = %(environment)s)
    ORDER BY started_at DESC, id DESC LIMIT %(limit)s
"""
_HOURS = """
    FROM bugs_sessioncount c WHERE c.project_id = {project} {release}
        AND c.hour >= date_trunc('hour', %(start)s::timestamptz) AND c.hour < %(end)s
        AND (%(environment)s = '' OR c.environment = %(environment)s)
"""
_OF_EACH = f"""
    SELECT s.sessions + c.sessions, s.crashed + c.crashed, s.abnormal + c.abnormal, s.errored + c.errored,
           s.users, s.crashed_users, s.looked_at
    FROM unnest(%(projects)s::uuid[], %(releases)s::text[]) WITH ORDINALITY AS wanted(project_id, release, place)
    CROSS JOIN LATERAL (
        SELECT {_WORTH}, count(*) AS looked_at
        FROM ({_NEWEST.format(project="wanted.project_id", release="AND release = wanted.release")}) s
    ) s
    CROSS JOIN LATERAL (
        SELECT {_COUNTED} {_HOURS.format(project="wanted.project_id", release="AND c.release = wanted.release")}
    ) c
    ORDER BY wanted.place
"""  # noqa: S608
_SERIES = f"""
    SELECT place, sum(sessions)::bigint, sum(crashed)::bigint, sum(abnormal)::bigint, sum(errored)::bigint,
           sum(users)::bigint, sum(crashed_users)::bigint
    FROM (
        SELECT width_bucket(s.started_at, %(edges)s::timestamptz[]) AS place, {_WORTH}
        FROM ({_NEWEST.format(project="%(project)s", release="AND release = %(release)s")}) s GROUP BY 1
        UNION ALL
        SELECT greatest(width_bucket(c.hour, %(edges)s::timestamptz[]), 1), {_COUNTED}, 0, 0
        {_HOURS.format(project="%(project)s", release="AND c.release = %(release)s")} GROUP BY 1
    ) pieces GROUP BY place
"""  # noqa: S608
# The newest sessions of all releases of the project: which part of them is this release's.
_ADOPTION = f"""
    SELECT t.mine + c.mine, t.all_of_them + c.all_of_them, t.my_users, t.users FROM (
        SELECT count(*) FILTER (WHERE is_tracked AND release = %(release)s) AS mine,
               count(*) FILTER (WHERE is_tracked) AS all_of_them,
               count(DISTINCT nullif(user_key, '')) FILTER (WHERE is_tracked AND release = %(release)s) AS my_users,
               count(DISTINCT nullif(user_key, '')) FILTER (WHERE is_tracked) AS users
        FROM ({_NEWEST.format(project="%(project)s", release="")}) s
    ) t CROSS JOIN (
        SELECT coalesce(sum(sessions) FILTER (WHERE release = %(release)s), 0)::bigint AS mine,
               coalesce(sum(sessions), 0)::bigint AS all_of_them
        FROM (
            SELECT c.release, c.exited::bigint + c.errored + c.crashed + c.abnormal AS sessions
            {_HOURS.format(project="%(project)s", release="")}
        ) h
    ) c
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Tally:
    """Sessions and users in numbers."""

    sessions: int = 0
    crashed: int = 0
    abnormal: int = 0
    errored: int = 0
    users: int = 0
    crashed_users: int = 0

    def document(self) -> dict[str, Any]:
        """With the rates, which nobody has where nobody was."""
        return {
            "sessions": self.sessions,
            "errored": self.errored,
            "abnormal": self.abnormal,
            "crashed": self.crashed,
            "crash_free_sessions": _without(self.crashed, self.sessions),
            "users": self.users,
            "crashed_users": self.crashed_users,
            "crash_free_users": _without(self.crashed_users, self.users),
        }


def of_releases(
    releases: Iterable[tuple[UUID, str]], *, start: datetime, end: datetime, environment: str = "", limit: int
) -> list[dict[str, Any]]:
    """For each project and version that a gate let through: its newest sessions in the range; `complete`: all of it."""
    pairs = list(releases)
    if not pairs:
        return []
    projects, versions = zip(*pairs, strict=True)
    asked = {"projects": list(projects), "releases": list(versions), **_span(start, end, environment, limit)}
    return [{**Tally(*row[:-1]).document(), "complete": row[-1] < limit} for row in _rows(_OF_EACH, asked)]


def of_release(project_id: UUID, version: str, *, span: Range, environment: str = "") -> dict[str, Any]:
    """One release in full: figures, what part of the project's sessions and users it has, and how it went on."""
    asked = _span(span.start, span.end, environment, LOOKED_MAX)
    (figures,) = of_releases([(project_id, version)], limit=LOOKED_MAX, **_range(asked))
    one = {"project": project_id, "release": version, **asked}
    mine, all_of_them, my_users, users = _rows(_ADOPTION, one)[0]
    found = {row[0]: Tally(*row[1:]) for row in _rows(_SERIES, {**one, "edges": span.edges})}
    points = [{"at": at, **found.get(place, Tally()).document()} for place, at in enumerate(span.edges, start=1)]
    return {
        "from": span.start,
        "to": span.end,
        "interval": span.interval,
        **figures,
        "adoption": {"sessions": _share(mine, all_of_them), "users": _share(my_users, users)},
        "points": points,
    }


def _span(start: datetime, end: datetime, environment: str, limit: int) -> dict[str, Any]:
    return {"start": start, "end": end, "environment": environment, "limit": limit}


def _range(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("start", "end", "environment")}


def _rows(statement: str, values: dict[str, Any]) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _without(some: int, all_of_them: int) -> float | None:
    return round(1 - some / all_of_them, _PRECISION) if all_of_them else None


def _share(some: int, all_of_them: int) -> float | None:
    return round(some / all_of_them, _PRECISION) if all_of_them else None
