"""What reports said, folded into the contexts of their groups, which the filter language looks in."""

import time
from collections.abc import Collection
from uuid import UUID

import orjson
from django.db import connection, transaction

from bugs.query import context

CHUNK, LOOK = 25, 2_000  # groups in one transaction; notes that are looked at for them
MAX_SECONDS = 5.0  # of one run: a worker has other things to do, and the next run goes on
_LOCK = 7_003_006  # advisory: one folder at a time, so that nobody else changes a context
_TAKE = """
    WITH chosen AS MATERIALIZED (
        SELECT DISTINCT group_id FROM (SELECT group_id FROM bugs_contextdelta ORDER BY id LIMIT %s) noted LIMIT %s
    )
    DELETE FROM bugs_contextdelta d USING chosen c WHERE d.group_id = c.group_id
    RETURNING d.id, d.group_id, d.texts::text
"""
_TAKE_OF = "DELETE FROM bugs_contextdelta WHERE group_id = ANY(%s) RETURNING id, group_id, texts::text"
_LOAD = "SELECT id, context::text FROM bugs_errorgroup WHERE id = ANY(%s) ORDER BY project_id, fingerprint"
_KEEP = "UPDATE bugs_errorgroup SET context = %s::jsonb, context_words = %s::tsvector WHERE id = %s"
Texts = dict[str, list[str]]


def hold() -> None:
    """Nobody folds until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def take(group_ids: Collection[UUID]) -> dict[UUID, Texts]:
    """What was noted of these groups and not folded yet; call `hold` first."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OF, [list(group_ids)])
        return _by_group([(group_id, orjson.loads(texts)) for _, group_id, texts in sorted(cursor.fetchall())])


def fold() -> int:
    """Add what was noted since the last time, for some seconds; how many groups have got something."""
    folded, until = 0, time.monotonic() + MAX_SECONDS
    while time.monotonic() < until and (taken := _fold_chunk()):
        folded += taken
    return folded


@transaction.atomic
def _fold_chunk() -> int:
    """Ingest waits for groups that are written to: all is made ready before the first is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_TAKE, [LOOK, CHUNK])
        said = _by_group([(group_id, orjson.loads(texts)) for _, group_id, texts in sorted(cursor.fetchall())])
        cursor.execute(_LOAD, [list(said)])
        loaded = cursor.fetchall()
        changes = [change for group_id, old in loaded if (change := _merged(group_id, old, said[group_id]))]
        cursor.executemany(_KEEP, changes)
    return len(said)


def _merged(group_id: UUID, text: str, said: Texts) -> tuple[str, str, UUID] | None:
    """None when the group has all that already, or has had enough."""
    old = orjson.loads(text)
    merged = context.merge(old, said)
    return (orjson.dumps(merged).decode(), context.vector(merged), group_id) if merged != old else None


def _by_group(rows: list[tuple[UUID, Texts]]) -> dict[UUID, Texts]:
    found: dict[UUID, Texts] = {}
    for group_id, texts in rows:
        mine = found.setdefault(group_id, {})
        for field, new in texts.items():
            mine.setdefault(field, []).extend(new)
    return found
