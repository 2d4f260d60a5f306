"""How often errors of groups come now and came before, each group with those that stand behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bugs import rollups
from bugs.analysis.spikes import LEAST, Baseline
from bugs.models import ErrorGroup

PERIOD = 2 * rollups.PERIOD  # what counts are compared over: half an hour
PAST = timedelta(days=7)
IN_PROJECT, IN_ALL, MEMBERS, CHOSEN = 200, 5_000, 500, 500  # groups: seen last, behind one head, with the most errors

# Differences are few, so their groups are looked up one by one; what they add is summed up, never joined by guesses.
_COUNTS = """
    WITH heads AS MATERIALIZED (
        (SELECT g.id FROM bugs_project p CROSS JOIN LATERAL (
            SELECT id, last_seen_at FROM bugs_errorgroup
            WHERE project_id = p.id AND merged_into_id IS NULL AND last_seen_at >= %(start)s
            ORDER BY last_seen_at DESC, id DESC LIMIT %(in_project)s
        ) g ORDER BY g.last_seen_at DESC LIMIT %(in_all)s)
        UNION SELECT id FROM bugs_errorgroup WHERE spiking_since IS NOT NULL AND merged_into_id IS NULL
    ), members AS MATERIALIZED (
        SELECT h.id AS head, g.* FROM heads h CROSS JOIN LATERAL (
            SELECT id, first_seen_at, spiking_since FROM bugs_errorgroup WHERE id = h.id
            UNION ALL (
                SELECT id, first_seen_at, NULL FROM bugs_errorgroup WHERE merged_into_id = h.id LIMIT %(members)s
            )
        ) g
    ), fresh AS MATERIALIZED (
        SELECT coalesce(g.merged_into_id, g.id) AS head, d.period, d.count FROM (
            SELECT group_id, period, sum(amount) AS count FROM bugs_rollupdelta
            WHERE measure = 'errors' AND period >= %(oldest)s AND period < %(end)s GROUP BY 1, 2
        ) d JOIN bugs_errorgroup g ON g.id = d.group_id
    ), present AS (
        SELECT m.head, m.first_seen_at, m.spiking_since, kept.count FROM members m CROSS JOIN LATERAL (
            SELECT sum(count) AS count FROM bugs_rollup
            WHERE group_id = m.id AND period >= %(start)s AND period < %(end)s
        ) kept
        UNION ALL
        SELECT head, NULL, NULL, count FROM fresh WHERE period >= %(start)s
    ), chosen AS MATERIALIZED (
        SELECT head, bool_or(spiking_since IS NOT NULL) AS is_spiking, coalesce(sum(count), 0) AS observed,
               greatest(%(oldest)s, date_bin(%(width)s, min(first_seen_at), %(start)s) + %(width)s) AS since
        FROM present GROUP BY head
        HAVING min(first_seen_at) IS NOT NULL AND (bool_or(spiking_since IS NOT NULL) OR sum(count) >= %(least)s)
        ORDER BY is_spiking DESC, observed DESC LIMIT %(chosen)s
    ), past AS (
        SELECT c.head, r.at, r.count FROM chosen c JOIN members m ON m.head = c.head CROSS JOIN LATERAL (
            SELECT date_bin(%(width)s, period, %(start)s) AS at, sum(count) AS count FROM bugs_rollup
            WHERE group_id = m.id AND period >= c.since AND period < %(start)s GROUP BY 1
        ) r
        UNION ALL
        SELECT head, date_bin(%(width)s, period, %(start)s), count FROM fresh WHERE period < %(start)s
    ), summed AS (
        SELECT c.head, sum(p.count) AS total, sum(p.count * p.count) AS squares
        FROM (SELECT head, at, sum(count) AS count FROM past GROUP BY 1, 2) p
        JOIN chosen c ON c.head = p.head AND p.at >= c.since GROUP BY 1
    )
    SELECT c.head, c.is_spiking, c.observed, c.since, coalesce(s.total, 0), coalesce(s.squares, 0)
    FROM chosen c LEFT JOIN summed s ON s.head = c.head
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """The errors of a group in the present period, of which this share is over, and its past."""

    group_id: UUID
    is_spiking: bool
    observed: int
    share: float
    past: Baseline


def counts(now: datetime) -> list[Counts]:
    """Groups that have enough errors now to be looked at, and those that were spiking.

    The present period began one quarter before the present quarter, so it is at least half over.
    """
    end = rollups.period_of(now) + rollups.PERIOD
    start = end - PERIOD
    bounds = {"in_project": IN_PROJECT, "in_all": IN_ALL, "members": MEMBERS, "chosen": CHOSEN, "least": LEAST}
    times: dict[str, Any] = {"oldest": start - PAST, "start": start, "end": end, "width": PERIOD}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {**bounds, **times})
        rows = cursor.fetchall()
    share = (now - start) / PERIOD
    return [
        Counts(head, is_spiking, int(observed), share, Baseline((start - since) // PERIOD, int(total), int(squares)))
        for head, is_spiking, observed, since, total, squares in rows
    ]


def spiking_members() -> list[UUID]:
    """Groups that were put behind another one while they were spiking: the other one tells of it now."""
    found = ErrorGroup.objects.filter(spiking_since__isnull=False, merged_into__isnull=False)
    return list(found.values_list("id", flat=True)[:CHOSEN])
