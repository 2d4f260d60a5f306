"""Moving differences into rollups, a bounded chunk at a time, in key order: no two folders wait in a circle."""

import time

from django.db import connection, transaction

from bugs import rollups

CHUNK = 5_000
MAX_SECONDS = 5.0  # of one run: a worker has other things to do, and the next run goes on
_FOLD_LOCK = 7_003_004
VALUES = ", ".join(rollups.COLUMNS[2:])  # what the key is made from
ROW = f"project_id, {', '.join(rollups.COLUMNS)}"

# Chosen apart: inside the DELETE a plan may ask again for the first so many, and get the next, without end.
_FOLD = f"""
    WITH chosen AS MATERIALIZED (
        SELECT id FROM bugs_rollupdelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM bugs_rollupdelta WHERE id IN (SELECT id FROM chosen) RETURNING {ROW}, amount
    ), summed AS (
        SELECT {ROW}, sum(amount) AS amount FROM taken GROUP BY {ROW}
    ), kept AS (
        INSERT INTO bugs_rollup AS r ({ROW}, key, count)
        SELECT {ROW}, md5(ROW({VALUES})::text)::uuid AS key, amount FROM summed WHERE amount <> 0
        ORDER BY project_id, measure, period, key
        ON CONFLICT (project_id, measure, period, key) DO UPDATE SET count = r.count + excluded.count
    )
    SELECT count(*) FROM taken
"""  # noqa: S608 - names of ours
_SWEEP = """
    WITH chosen AS MATERIALIZED (
        SELECT project_id, measure, period, key FROM bugs_rollup WHERE count = 0 LIMIT %s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM bugs_rollup WHERE (project_id, measure, period, key) IN (SELECT * FROM chosen)
"""


def fold() -> int:
    """Fold what is there, for some seconds; returns how many differences. Readers add what is left: sums never move."""
    folded, until = 0, time.monotonic() + MAX_SECONDS
    while time.monotonic() < until:
        taken = _fold_chunk()
        folded += taken
        if taken < CHUNK:
            break
    _sweep()
    return folded


@transaction.atomic
def _fold_chunk() -> int:
    """One folder at a time: a second one would only wait for rows of the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_FOLD, [CHUNK])
        taken: int = cursor.fetchone()[0]
    return taken


@transaction.atomic
def _sweep() -> None:
    """Take away rows that came back to nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [CHUNK])
