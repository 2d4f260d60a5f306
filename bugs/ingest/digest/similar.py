"""Groups whose stacks are much like that of a new one: a bounded look at the frames of a project's groups."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import connection

from bugs.ingest.grouping import Grouping, similarity

Similar = similarity.Match

_GROUPS = "SELECT count(*) FROM (SELECT FROM bugs_errorgroup WHERE project_id = %s LIMIT %s) AS counted"
_COUNTS = """
    SELECT f.frame, count(*) FROM unnest(%s::bigint[]) AS f(frame),
        LATERAL (SELECT FROM bugs_groupframe g WHERE g.project_id = %s AND g.frame = f.frame LIMIT %s) AS held
    GROUP BY f.frame
"""
_HOLDERS = """
    SELECT held.group_id FROM unnest(%s::bigint[], %s::float8[]) AS f(frame, weight),
        LATERAL (SELECT g.group_id FROM bugs_groupframe g
                 WHERE g.project_id = %s AND g.frame = f.frame AND g.kind = %s
                 ORDER BY g.group_id DESC LIMIT %s) AS held
    GROUP BY held.group_id ORDER BY sum(f.weight) DESC, held.group_id LIMIT %s
"""
_STACKS = "SELECT group_id, frame, depth, is_own FROM bugs_groupframe WHERE group_id = ANY(%s)"
_REMEMBER = """
    INSERT INTO bugs_groupframe (project_id, frame, kind, group_id, depth, is_own)
    SELECT %s, frame, %s, %s, depth, is_own FROM unnest(%s::bigint[], %s::int[], %s::bool[]) AS f(frame, depth, is_own)
    ON CONFLICT DO NOTHING
"""


def find(project_id: UUID, identity: Grouping) -> Similar | None:
    """The group whose stack is most like that of a new one, when that is alike enough to be the same problem."""
    if not identity.is_by_stack:
        return None
    mine = similarity.stack(identity.outline, identity.own)
    return similarity.find(_Frames(project_id), mine, identity.kind)


def remember(project_id: UUID, group_id: UUID, identity: Grouping) -> None:
    """Let a group's stack be found; once it is there it stays as it is."""
    if not identity.is_by_stack:
        return
    steps = similarity.stack(identity.outline, identity.own)
    depths, owned = [step.depth for step in steps.values()], [step.is_own for step in steps.values()]
    key = (project_id, similarity.kind(identity.kind), group_id)
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, [*key, list(steps), depths, owned])


class _Frames:
    """The frames of a project's groups, as rows."""

    def __init__(self, project_id: UUID) -> None:
        self._project_id = project_id

    def groups(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_GROUPS, [self._project_id, similarity.COUNT_MAX])
            (count,) = cursor.fetchone()
        return int(count)

    def counts(self, frames: Collection[int]) -> dict[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(_COUNTS, [list(frames), self._project_id, similarity.COUNT_MAX])
            return dict(cursor.fetchall())

    def holders(self, weights: Mapping[int, float], kind: int) -> Sequence[UUID]:
        bounds = (similarity.POSTINGS_MAX, similarity.CANDIDATES_MAX)
        with connection.cursor() as cursor:
            cursor.execute(_HOLDERS, [list(weights), list(weights.values()), self._project_id, kind, *bounds])
            return [row[0] for row in cursor.fetchall()]

    def stacks(self, groups: Collection[UUID]) -> dict[UUID, dict[int, similarity.Step]]:
        found: dict[UUID, dict[int, similarity.Step]] = {}
        if groups:
            with connection.cursor() as cursor:
                cursor.execute(_STACKS, [list(groups)])
                for group_id, frame, depth, is_own in cursor.fetchall():
                    found.setdefault(group_id, {})[frame] = similarity.Step(depth, is_own)
        return found
