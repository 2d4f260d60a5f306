"""Groups of errors while they are moved: found behind the gate, held with those behind them, put right after."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import Q

from audit.actors import Principal
from bugs import policy
from bugs.models import Bug, ErrorGroup
from bugs.services import error_counts
from bugs.services.rows import NotThere

Held = dict[UUID, ErrorGroup]
NEWEST = 100  # reports of a group, among which the one that happened last is; and as many oldest

# What a group itself has seen is not kept beside what those behind it have; its newest reports tell.
_SEEN_LAST = f"""
    UPDATE bugs_errorgroup g SET last_seen_at = greatest(
        coalesce(
            (SELECT max(occurred_at) FROM (
                SELECT occurred_at FROM bugs_errorreport WHERE project_id = g.project_id AND group_id = g.id
                ORDER BY id DESC LIMIT {NEWEST}
            ) newest),
            g.last_seen_at),
        (SELECT max(m.last_seen_at) FROM bugs_errorgroup m WHERE m.merged_into_id = g.id)
    ) WHERE g.id = ANY(%s)
"""  # noqa: S608 - a number of ours
_SEEN_FIRST = f"""
    UPDATE bugs_errorgroup g SET first_seen_at = coalesce(
        (SELECT min(occurred_at) FROM (
            SELECT occurred_at FROM bugs_errorreport WHERE project_id = g.project_id AND group_id = g.id
            ORDER BY id LIMIT {NEWEST}
        ) oldest), g.first_seen_at)
    WHERE g.id = %s
"""  # noqa: S608 - a number of ours


def found(group_id: UUID, *, by: Principal) -> ErrorGroup:
    """The group, not held yet. Raises NotThere or policy.Refused."""
    group = ErrorGroup.objects.defer("context", "context_words").filter(pk=group_id).first()
    if group is None or (by.label != "system" and not policy.allows(by, "error.read", group.project_id)):
        raise NotThere(group_id)
    policy.check(by, "group.edit", group.project_id)
    return group


def held(group_ids: Collection[UUID]) -> Held:
    """These groups and those behind them, locked until the transaction ends."""
    rows: Held = {}
    for _ in range(2):  # some may have come to stand behind these while we waited
        rows |= {row.pk: row for row in error_counts.hold_groups(Q(pk__in=group_ids) | Q(merged_into__in=group_ids))}
    return rows


def family(rows: Held, head: ErrorGroup) -> list[ErrorGroup]:
    """The group and those behind it, of rows that are held."""
    return [head, *(row for row in rows.values() if row.merged_into_id == head.pk)]


def living_bug(bug_id: UUID | None) -> UUID | None:
    """Where the errors of a bug belong now: in the one that it was merged into; nowhere when it is deleted."""
    while bug_id:
        row = Bug.objects.filter(pk=bug_id).values_list("merged_into_id", "deleted_at").first()
        if row is None or row[1] is not None:
            return None
        if row[0] is None:
            return bug_id
        bug_id = row[0]
    return None


def put_right(group_ids: Collection[UUID]) -> None:
    """When groups were seen last, after some of their reports or of those behind them went elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN_LAST, [list(group_ids)])


def put_first_right(group_id: UUID) -> None:
    """The same of a group's first moment; only where none of its reports is gone, the oldest ones tell."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN_FIRST, [group_id])
