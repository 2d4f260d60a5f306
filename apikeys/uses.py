"""How often keys are used and when last: collected in the process and written at most once a second, all in one go."""

import atexit
import logging
import os
import threading
import time
from datetime import UTC, datetime
from uuid import UUID

from django.db import Error, connection

FLUSH_SECONDS = 1.0
KEYS_MAX = 10_000
# Rows are locked in the order of their ids, so that two processes never wait for each other. The commit is
# asynchronous: a crash of the machine may cost the last uses.
_WRITE = """
    WITH s AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
    noted AS (SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[]) AS n(id, calls, used_at)),
    locked AS MATERIALIZED (
        SELECT id FROM apikeys_apikey, s WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE OF apikeys_apikey
    )
    UPDATE apikeys_apikey key SET
        use_count = use_count + calls,
        last_used_at = GREATEST(last_used_at, used_at),
        uses_since_replaced = uses_since_replaced + CASE WHEN used_at > replaced_at THEN calls ELSE 0 END
    FROM noted JOIN locked USING (id) WHERE key.id = noted.id
"""

logger = logging.getLogger(__name__)
_pending: dict[UUID, tuple[int, float]] = {}
_lock = threading.Lock()
_noted = threading.Event()
_writer: threading.Thread | None = None


def note(key_id: UUID, *, calls: int = 1) -> None:
    """The key was used now; calls=0 for one that is in use without a call, such as an open socket's."""
    with _lock:
        before = _pending.get(key_id)
        if before is None and len(_pending) >= KEYS_MAX:
            return
        _pending[key_id] = ((before[0] if before else 0) + calls, time.time())
    if _writer is None or not _noted.is_set():
        _noted.set()
        _start()


def flush() -> int:
    """Write what was noted; how many keys. What cannot be written now is kept for the next time."""
    with _lock:
        taken = dict(_pending)
        _pending.clear()
    if not taken:
        return 0
    ids = sorted(taken)
    used = [datetime.fromtimestamp(taken[key_id][1], UTC) for key_id in ids]
    try:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [ids, [taken[key_id][0] for key_id in ids], used, ids])
    except Error:
        _take_back(taken)
        raise
    return len(ids)


def forget() -> None:
    """As in a process that has just begun."""
    with _lock:
        _pending.clear()
    _noted.clear()


def _take_back(taken: dict[UUID, tuple[int, float]]) -> None:
    with _lock:
        for key_id, (calls, used_at) in taken.items():
            since = _pending.get(key_id, (0, used_at))
            _pending[key_id] = (since[0] + calls, max(since[1], used_at))


def _start() -> None:
    """The writer is a thread of its own: no call waits for it, and the last uses before a pause are written too."""
    global _writer
    with _lock:
        if _writer is None or not _writer.is_alive():
            _writer = threading.Thread(target=_write_for_ever, name="key-uses", daemon=True)
            _writer.start()


def _write_for_ever() -> None:
    while threading.current_thread() is _writer:
        _noted.wait()
        time.sleep(FLUSH_SECONDS)
        _noted.clear()
        _flush_quietly()


def _flush_quietly() -> None:
    try:
        flush()
    except Exception as error:  # the writer must outlive whatever it stumbles over
        logger.warning("uses of keys are written later: %s", error.__class__.__name__)
        _noted.set()
    finally:
        connection.close()


def _after_fork() -> None:
    """A forked process has none of its parent's threads, and leaves the parent's uses to it."""
    global _lock, _noted, _writer
    _lock, _noted, _writer = threading.Lock(), threading.Event(), None
    _pending.clear()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(lambda: _flush_quietly() if _pending else None)
