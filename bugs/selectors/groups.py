"""Reads of groups of errors, as JSON texts. A group that others stand behind shows what all of them count."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q, QuerySet

from audit import access
from audit.actors import Principal
from bugs import policy
from bugs.models import ErrorGroup, GroupMove
from bugs.selectors import reports

Place = tuple[Any, UUID]
MEMBERS_SHOWN = 100  # of those behind a group, those seen last
DISTINCT_MAX = 10_000  # users of a family that are told apart; of more, one whom two groups met counts twice

# Of a group `g`: what it and those behind it count; and their different users, which are looked up one by one.
TOTALS = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS members, g.reports + coalesce(sum(m.reports), 0) AS reports,
            g.users + coalesce(sum(m.users), 0) AS met, least(g.first_seen_at, min(m.first_seen_at)) AS first_seen_at,
            greatest(g.last_seen_at, max(m.last_seen_at)) AS last_seen_at
        FROM bugs_errorgroup m WHERE m.merged_into_id = g.id
    ) t
"""
USERS = f"""
    CROSS JOIN LATERAL (
        SELECT CASE WHEN t.members = 0 OR t.met > {DISTINCT_MAX} THEN t.met ELSE (
            SELECT count(DISTINCT user_key) FROM bugs_affecteduser
            WHERE group_id = ANY(ARRAY(SELECT id FROM bugs_errorgroup WHERE merged_into_id = g.id) || g.id)
        ) END AS users
    ) u
"""  # noqa: S608 - a number of ours
_DOCUMENTS = f"""
    SELECT row_to_json(t)::text FROM (
        SELECT g.id, p.key AS project, b.id AS bug_id, p.key || '-' || b.number AS bug, g.title, g.culprit, g.level,
               g.grouping, t.reports, u.users, t.first_seen_at, t.last_seen_at, g.merged_into_id AS merged_into,
               t.members AS member_count, g.spiking_since
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place)
        JOIN bugs_errorgroup g ON g.id = wanted.id
        JOIN bugs_project p ON p.id = g.project_id
        {TOTALS} {USERS}
        LEFT JOIN bugs_bug b ON b.id = g.bug_id AND b.deleted_at IS NULL
        ORDER BY wanted.place
    ) t
"""  # noqa: S608 - SQL of ours
_TOTALS = f"""
    SELECT g.id, u.users, t.reports, t.first_seen_at, t.last_seen_at FROM bugs_errorgroup g {TOTALS} {USERS}
    WHERE g.id = ANY(%s::uuid[])
"""  # noqa: S608 - SQL of ours
_MEMBERS = """
    SELECT coalesce(json_agg(t), '[]')::text FROM (
        SELECT m.id, m.title, m.grouping, m.reports, m.last_seen_at, moved.similarity
        FROM bugs_errorgroup m LEFT JOIN LATERAL (
            SELECT similarity FROM bugs_groupmove
            WHERE group_id = m.id AND undone_at IS NULL AND kind <> 'split' ORDER BY moved_at DESC, id DESC LIMIT 1
        ) moved ON true
        WHERE m.merged_into_id = %s ORDER BY m.last_seen_at DESC, m.id DESC LIMIT %s
    ) t
"""
# With what reports had that is not in the contexts of their groups yet.
_PLACES = """
    SELECT g.id, g.last_release, (g.context->'error_environment')::text, d.environments,
        (g.context->'error_release')::text, d.releases
    FROM bugs_errorgroup g CROSS JOIN LATERAL (
        SELECT json_agg(texts->'error_environment')::text AS environments,
            json_agg(texts->'error_release')::text AS releases
        FROM bugs_contextdelta WHERE group_id = g.id
    ) d WHERE g.id = ANY(%s::uuid[])
"""
# Each project by itself, in the order of its index; then the first of all of them.
_SEEN = """
    SELECT g.last_seen_at, g.id FROM unnest(%s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
        SELECT last_seen_at, id FROM bugs_errorgroup
        WHERE project_id = wanted.id AND merged_into_id IS NULL AND (last_seen_at, id) {beyond} (%s, %s)
            AND (%s::text[] IS NULL OR level = ANY(%s))
        ORDER BY last_seen_at {order}, id {order} LIMIT %s
    ) g ORDER BY g.last_seen_at {order}, g.id {order} LIMIT %s
"""
_OLDER, _NEWER = _SEEN.format(beyond="<", order="DESC"), _SEEN.format(beyond=">", order="ASC")
_END: Place = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


def groups_for(principal: Principal) -> QuerySet[ErrorGroup]:
    """The gate: the groups whose errors this principal may read."""
    return ErrorGroup.objects.filter(project_id__in=policy.projects(principal, "error.read"))


def exists(principal: Principal, group_id: UUID) -> bool:
    return access.first(groups_for(principal).filter(pk=group_id), "group") is not None


def find(
    projects: Collection[UUID],
    *,
    level: Collection[str] = (),
    start: Place | None = None,
    back: bool = False,
    limit: int,
) -> list[Place]:
    """Groups that stand behind no other, those seen last first; from a place on, or back from it."""
    levels = sorted(level) or None
    with connection.cursor() as cursor:
        values = [list(projects), *(start or _END), levels, levels, limit, limit]
        cursor.execute(_NEWER if back else _OLDER, values)
        found: list[Place] = cursor.fetchall()
    return found


def documents_of(group_ids: Sequence[UUID]) -> list[str]:
    """Groups as JSON texts in the order of their ids, which a gate let through."""
    if not group_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS, [list(group_ids)])
        return [row[0] for row in cursor.fetchall()]


def places_of(group_ids: Collection[UUID]) -> dict[UUID, tuple[set[str], set[str]]]:
    """By group, the environments and the releases that its reports named, as far as they are kept."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [list(group_ids)])
        return {row[0]: (_names(*row[2:4]), _names(*row[4:6]) | {row[1]}) for row in cursor.fetchall()}


def _names(kept: str | None, fresh: str | None) -> set[str]:
    """Of a context's list, and of the lists that are still to be folded into it."""
    more = (text for texts in orjson.loads(fresh or "[]") for text in texts or ())
    return {*orjson.loads(kept or "[]"), *more}


def totals_of(group_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """By group, what it and those behind it count."""
    names = ("users", "reports", "first_seen_at", "last_seen_at")
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [list(group_ids)])
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in cursor.fetchall()}


def members_text(group_id: UUID) -> str:
    """Those behind a group, as a JSON list."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [group_id, MEMBERS_SHOWN])
        text: str = cursor.fetchone()[0]
    return text


def head_of(group_id: UUID) -> UUID:
    """The group that a group stands behind, or itself."""
    found = ErrorGroup.objects.filter(pk=group_id).values_list("merged_into_id", flat=True).first()
    return found or group_id


def fingerprints_of(group_ids: Collection[UUID]) -> dict[UUID, str]:
    return dict(ErrorGroup.objects.filter(pk__in=group_ids).values_list("pk", "fingerprint"))


def member_count(group_id: UUID) -> int:
    return ErrorGroup.objects.filter(merged_into=group_id).count()


def ids_of(head_id: UUID) -> list[UUID]:
    """A group and all that stand behind it."""
    return [head_id, *ErrorGroup.objects.filter(merged_into=head_id).order_by("pk").values_list("pk", flat=True)]


def family_of(group_id: UUID) -> reports.Groups | None:
    """A group and those behind it that were seen last, as looking for their reports needs them."""
    rows = ErrorGroup.objects.filter(Q(pk=group_id) | Q(merged_into=group_id)).order_by("-last_seen_at")
    found = list(rows.values_list("project_id", "pk", "first_seen_at")[: reports.GROUPS_MAX])
    if not found:
        return None
    return reports.Groups(found[0][0], [row[1] for row in found], min(row[2] for row in found))


def moves_of(group_id: UUID) -> QuerySet[GroupMove]:
    """What was done with a group: its own moves, and those of others to it and out of it."""
    return GroupMove.objects.filter(Q(group=group_id) | Q(into=group_id))


def move_behind(group_id: UUID) -> GroupMove | None:
    """How a group came to stand where it is, as far as that was a move of its own."""
    moves = GroupMove.objects.filter(group=group_id, undone_at=None).exclude(kind="split")
    return moves.order_by("-moved_at", "-id").first()


def newest_document(project_id: UUID, group_id: UUID) -> str | None:
    """The newest report of the group itself that is still stored, as it is shown."""
    began = ErrorGroup.objects.values_list("first_seen_at", flat=True).get(pk=group_id)
    found = reports.newest_of(reports.Groups(project_id, [group_id], began), limit=1)
    return next(iter(reports.documents_of(found)), None)
