"""What reports said, folded into the contexts of their groups, which the filter language looks in."""

import time
from uuid import UUID

import orjson
from django.db import connection, transaction

from bugs.query import context

CHUNK = 200  # of what was noted, in one transaction
MAX_SECONDS = 5.0  # of one run: a worker has other things to do, and the next run goes on
# Chosen apart: inside the DELETE a plan may ask again for the first so many, and get the next, without end.
_TAKE = """
    WITH chosen AS MATERIALIZED (
        SELECT id FROM bugs_contextdelta ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM bugs_contextdelta WHERE id IN (SELECT id FROM chosen) RETURNING id, group_id, texts::text
"""
_LOCK = """
    SELECT id, context::text FROM bugs_errorgroup WHERE id = ANY(%s) ORDER BY project_id, fingerprint FOR NO KEY UPDATE
"""
_KEEP = "UPDATE bugs_errorgroup SET context = %s::jsonb, context_words = %s::tsvector WHERE id = %s"
Texts = dict[str, list[str]]


def fold() -> int:
    """Add what was noted since the last time, for some seconds; how much that was."""
    folded, until = 0, time.monotonic() + MAX_SECONDS
    while time.monotonic() < until:
        taken = _fold_chunk()
        folded += taken
        if taken < CHUNK:
            break
    return folded


@transaction.atomic
def _fold_chunk() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [CHUNK])
        rows = sorted(cursor.fetchall())
        said = _by_group([(group_id, orjson.loads(texts)) for _, group_id, texts in rows])
        cursor.execute(_LOCK, [list(said)])
        for group_id, text in cursor.fetchall():
            old = orjson.loads(text)
            merged = context.merge(old, said[group_id])
            if merged != old:
                cursor.execute(_KEEP, [orjson.dumps(merged).decode(), context.vector(merged), group_id])
    return len(rows)


def _by_group(rows: list[tuple[UUID, Texts]]) -> dict[UUID, Texts]:
    found: dict[UUID, Texts] = {}
    for group_id, texts in rows:
        mine = found.setdefault(group_id, {})
        for field, new in texts.items():
            mine.setdefault(field, []).extend(new)
    return found
