"""The one database connection of a process's ingest door: hundreds of senders wait for it, none holds one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

_lock = threading.RLock()
_own: Any = None


@contextmanager
def held() -> Iterator[Any]:
    """Django's connection for as long as this lasts; one thread at a time.

    Inside a transaction of the caller it is the caller's: what is written then is part of that.
    """
    mine = connections[DEFAULT_DB_ALIAS]
    if mine.in_atomic_block:
        yield mine
        return
    with _lock:
        connections[DEFAULT_DB_ALIAS] = _taken_up()
        try:
            yield connections[DEFAULT_DB_ALIAS]
        finally:
            connections[DEFAULT_DB_ALIAS] = mine


def _taken_up() -> Any:
    """Made at the first use, so after the process was forked."""
    global _own
    if _own is None:
        _own = connections.create_connection(DEFAULT_DB_ALIAS)
        _own.inc_thread_sharing()
    _own.close_if_unusable_or_obsolete()
    return _own
