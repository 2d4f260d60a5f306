"""Counts of what was sent are folded a chunk at a time; what became of single events is forgotten after a week."""

import time
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from audit.identifiers import first_of

CHUNK = 5_000
MAX_SECONDS = 5.0  # of one run: a worker has other things to do, and the next run goes on
REMEMBERED = timedelta(days=7)
_LOCK = 7_003_010  # advisory: one folder at a time, a second one would only wait for rows of the first

# Chosen apart: inside the DELETE a plan may ask again for the first so many, and get the next, without end.
_FOLD = """
    WITH chosen AS MATERIALIZED (
        SELECT id FROM bugs_outcomedelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM bugs_outcomedelta WHERE id IN (SELECT id FROM chosen)
        RETURNING project_id, hour, category, outcome, reason, quantity
    ), summed AS (
        SELECT project_id, hour, category, outcome, reason, sum(quantity)::bigint AS quantity
        FROM taken GROUP BY 1, 2, 3, 4, 5
    ), kept AS (
        INSERT INTO bugs_outcometotal AS t (project_id, hour, category, outcome, reason, quantity)
        SELECT * FROM summed ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (project_id, hour, category, outcome, reason)
        DO UPDATE SET quantity = t.quantity + excluded.quantity
    )
    SELECT count(*) FROM taken
"""
_FORGET = """
    WITH chosen AS MATERIALIZED (
        SELECT id FROM bugs_refusedevent WHERE id < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM bugs_refusedevent WHERE id IN (SELECT id FROM chosen)
"""


def fold() -> int:
    """Fold what is there, for some seconds; returns how many counts. Readers add what is left: sums never move."""
    folded, until = 0, time.monotonic() + MAX_SECONDS
    while time.monotonic() < until:
        taken = _fold_chunk()
        folded += taken
        if taken < CHUNK:
            break
    return folded


def forget() -> int:
    """Forget events that were refused a week ago, for some seconds; their counts stay. Returns how many."""
    border, forgotten, until = first_of(timezone.now() - REMEMBERED), 0, time.monotonic() + MAX_SECONDS
    while time.monotonic() < until:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGET, [border, CHUNK])
            forgotten += cursor.rowcount
            if cursor.rowcount < CHUNK:
                break
    return forgotten


@transaction.atomic
def _fold_chunk() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_FOLD, [CHUNK])
        taken: int = cursor.fetchone()[0]
    return taken
