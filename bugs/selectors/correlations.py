"""Which groups of errors go together: by sessions they share, by components and releases that few others have."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection

from bugs import patterns
from bugs.models import ErrorGroup
from bugs.selectors import groups, reports

SESSIONS_MAX = 200  # of the newest reports of a group
SHARED_MAX = 5_000  # reports of those sessions
NEIGHBOURS_MAX = 200  # groups of the project, those seen last
LEAST_SHARED = 2  # sessions: one is chance
TOP = 10

_SESSIONS = "SELECT DISTINCT session_id FROM bugs_errorreport WHERE id = ANY(%s) AND session_id <> ''"
# Groups that stand behind another are that one.
_SHARED = """
    SELECT coalesce(g.merged_into_id, g.id), count(DISTINCT session_id) FROM (
        SELECT group_id, session_id FROM bugs_errorreport
        WHERE project_id = %s AND session_id <> '' AND session_id = ANY(%s) LIMIT %s
    ) r JOIN bugs_errorgroup g ON g.id = r.group_id WHERE coalesce(g.merged_into_id, g.id) <> %s
    GROUP BY 1 HAVING count(DISTINCT session_id) >= %s ORDER BY 2 DESC, 1 LIMIT %s
"""


def of(project_id: UUID, group_id: UUID) -> list[dict[str, Any]]:
    """The groups of the same project that go with one that stands behind no other, by kind, the closest first."""
    found = [*_by_sessions(project_id, group_id), *_by_context(project_id, group_id)]
    titles = dict(ErrorGroup.objects.filter(pk__in=[one["group_id"] for one in found]).values_list("pk", "title"))
    return [{**one, "title": titles[one["group_id"]]} for one in found if one["group_id"] in titles]


def _by_sessions(project_id: UUID, group_id: UUID) -> list[dict[str, Any]]:
    """Jaccard's measure over the sessions of the newest reports of both."""
    mine = _sessions(group_id)
    if not mine:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, [project_id, sorted(mine), SHARED_MAX, group_id, LEAST_SHARED, TOP])
        rows = cursor.fetchall()
    found = []
    for other, shared in rows:
        both = len(mine | _sessions(other))
        found.append(_one("session", other, min(shared / both, 1.0), shared))
    return sorted(found, key=lambda one: -one["score"])


def _sessions(group_id: UUID) -> set[str]:
    family = groups.family_of(group_id)
    newest = reports.newest_of(family, limit=SESSIONS_MAX) if family else []
    with connection.cursor() as cursor:
        cursor.execute(_SESSIONS, [newest])
        return {row[0] for row in cursor.fetchall()}


def _by_context(project_id: UUID, group_id: UUID) -> list[dict[str, Any]]:
    """Among the groups seen last: what few of them have counts more than what many have."""
    seen = ErrorGroup.objects.filter(project_id=project_id, merged_into=None).order_by("-last_seen_at", "-id")
    fields = ("context__error_component", "context__error_release")
    rows = list(seen.exclude(pk=group_id).values_list("pk", *fields)[: NEIGHBOURS_MAX - 1])
    mine = ErrorGroup.objects.filter(pk=group_id).values_list("pk", *fields).first()
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place, kind in ((1, "component"), (2, "release")):
        sets = {row[0]: row[place] or [] for row in [*rows, *([mine] if mine else [])]}
        weights = patterns.weights_of(sets.values())
        for other, values in sets.items():
            if other != group_id:
                _note(found[kind], kind, other, sets.get(group_id, []), values, weights)
    return [one for kind in found for one in sorted(found[kind], key=lambda one: -one["score"])[:TOP]]


def _note(
    found: list[dict[str, Any]],
    kind: str,
    other: UUID,
    mine: Collection[str],
    values: Collection[str],
    weights: dict[str, float],
) -> None:
    if score := patterns.likeness(mine, values, weights):
        found.append(_one(kind, other, score, len({*mine} & {*values})))


def _one(kind: str, group_id: UUID, score: float, support: int) -> dict[str, Any]:
    return {"kind": kind, "group_id": group_id, "score": round(score, 3), "support": support}
