"""What bugs count of their errors, taken anew from their groups when groups go from one to another."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import Q

from bugs.models import Bug, ErrorGroup
from bugs.services import indexing

# From the groups themselves: what a bug counts is what its groups count, and a user of two groups is one user.
_RECOUNT = """
    UPDATE bugs_bug b SET (error_count, last_error_at, error_level, user_count) = (
        SELECT coalesce(sum(g.reports), 0), max(g.last_seen_at),
            coalesce((array_agg(g.level ORDER BY array_position(%s, g.level::text)))[1], ''),
            (SELECT count(DISTINCT a.user_key) FROM bugs_affecteduser a
             WHERE a.group_id IN (SELECT id FROM bugs_errorgroup WHERE bug_id = b.id))
        FROM bugs_errorgroup g WHERE g.bug_id = b.id
    ) WHERE b.id = ANY(%s)
"""
_WORST_FIRST = ["fatal", "error", "warning", "info", "debug"]


def hold_groups(wanted: Q) -> list[ErrorGroup]:
    """Groups, locked until the transaction ends, in the order in which ingest locks them; bugs come after."""
    groups = ErrorGroup.objects.filter(wanted).defer("context", "context_words")
    return list(groups.order_by("project_id", "fingerprint").select_for_update())


def hold_bugs(bug_ids: Collection[UUID]) -> None:
    """Bugs, locked in the order of their ids."""
    rows = Bug.objects.filter(pk__in=bug_ids).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk", flat=True))


def recount(bug_ids: Collection[UUID]) -> None:
    """Count errors, users and the worst level of bugs again; they and their groups must be held."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, [_WORST_FIRST, sorted(bug_ids)])
    for bug_id in sorted(bug_ids):
        indexing.reindex(bug_id)
