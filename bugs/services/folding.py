"""Moving differences into rollups, a bounded chunk at a time, in key order: no two folders wait in a circle."""

from django.db import connection, transaction

from bugs import rollups

CHUNK = 5_000
MAX_CHUNKS = 200  # of one run
VALUES = ", ".join(rollups.COLUMNS[2:])  # what the key is made from
ROW = f"project_id, {', '.join(rollups.COLUMNS)}"

_FOLD = f"""
    WITH taken AS (
        DELETE FROM bugs_rollupdelta WHERE id IN (
            SELECT id FROM bugs_rollupdelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        ) RETURNING {ROW}, amount
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
    DELETE FROM bugs_rollup WHERE (project_id, measure, period, key) IN (
        SELECT project_id, measure, period, key FROM bugs_rollup WHERE count = 0 LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""


def fold() -> int:
    """Fold what is there; returns how many differences. Readers add what is left, so their sums never move."""
    folded = 0
    for _ in range(MAX_CHUNKS):
        taken = _fold_chunk()
        folded += taken
        if taken < CHUNK:
            break
    _sweep()
    return folded


@transaction.atomic
def _fold_chunk() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [CHUNK])
        taken: int = cursor.fetchone()[0]
    return taken


@transaction.atomic
def _sweep() -> None:
    """Take away rows that came back to nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [CHUNK])
