"""Kept announcements go after an hour; a mark of each type and project says from where on nothing is missing."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

KEPT = timedelta(hours=1)
PRUNED = "pruned"  # the type of a mark; its subject is the type that it is about
AT_ONCE = 10_000

# In one statement, so that nobody sees the rows gone and no mark.
_PRUNE = f"""
    WITH gone AS (
        DELETE FROM audit_announcement WHERE id IN (
            SELECT id FROM audit_announcement WHERE occurred_at < %s ORDER BY occurred_at LIMIT {AT_ONCE}
        ) RETURNING era, xid, project_id, CASE type WHEN '{PRUNED}' THEN subject ELSE type END AS gone_type
    ), marked AS (
        INSERT INTO audit_announcement (id, era, xid, type, subject, project_id, occurred_at, data)
        SELECT gen_random_uuid(), era, max(xid), '{PRUNED}', gone_type, project_id, %s, '{{}}'
        FROM gone GROUP BY era, gone_type, project_id
    )
    SELECT count(*) FROM gone
"""  # noqa: S608


def prune(now: datetime | None = None) -> int:
    """Take off what is too old; how many that were. Called again as long as it is as many as AT_ONCE."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, [now - KEPT, now])
        (count,) = cursor.fetchone()
    return int(count)
