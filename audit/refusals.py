"""A flood of refused calls is counted instead of written one by one: past some a minute, one record a second each kind.

Nothing is dropped and memory is bounded. What was counted since the last flush is lost when the process is killed.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

LIMIT, WINDOW_SECONDS = 100, 60.0  # refusals of one source that are written one by one
FLUSH_SECONDS = 1.0
SOURCES_MAX, KINDS_MAX = 10_000, 1_000  # beyond, they are counted together
MANY = "many"
_log = logging.getLogger(__name__)


class Kind(NamedTuple):
    """Refusals that are alike: they become one record."""

    source: str
    actor: str
    channel: str
    operation: str
    method: str
    path: str
    status: int
    code: str


@dataclass(slots=True)
class Tally:
    """write: inserts the record of all of them; it was made from the first."""

    write: Callable[[int], None]
    count: int = 0


@dataclass
class _State:
    """minute: when the present one began. seen: refusals of each source in it. waiting: not written yet."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    minute: float = 0.0
    seen: dict[str, int] = field(default_factory=dict)
    waiting: dict[Kind, Tally] = field(default_factory=dict)
    flusher: threading.Thread | None = None
    cannot_write: bool = False


_state = _State()


def count(kind: Kind, write: Callable[[int], None]) -> bool:
    """Whether this refusal is counted; if not, it is to be written like any call."""
    with _state.lock:
        if not _is_beyond(kind.source) or _state.cannot_write:
            return False
        _add(kind, write)
    return True


def add(kind: Kind, write: Callable[[int], None]) -> None:
    """Count one that cannot be written by itself: there was no place to work at it."""
    with _state.lock:
        _add(kind, write)


def flush() -> None:
    """Write what was counted. What cannot be written stays, and meanwhile refusals are written one by one, or fail."""
    with _state.lock:
        waiting, _state.waiting = _state.waiting, {}
    failed: dict[Kind, Tally] = {}
    for kind, tally in waiting.items():
        try:
            tally.write(tally.count)
        except Exception:
            _log.warning("counted refusals wait: %s", kind.operation, exc_info=not failed)
            failed[kind] = tally
    with _state.lock:
        _state.cannot_write = bool(failed)
        for kind, tally in failed.items():
            _state.waiting.setdefault(kind, Tally(tally.write)).count += tally.count


def forget() -> None:
    """As if nothing had come yet."""
    with _state.lock:
        _state.seen, _state.waiting, _state.cannot_write = {}, {}, False


def _is_beyond(source: str) -> bool:
    now = time.monotonic()
    if now - _state.minute >= WINDOW_SECONDS:
        _state.minute, _state.seen = now, {}
    if source not in _state.seen and len(_state.seen) >= SOURCES_MAX:
        source = MANY
    seen = _state.seen[source] = _state.seen.get(source, 0) + 1
    return seen > LIMIT


def _add(kind: Kind, write: Callable[[int], None]) -> None:
    if kind not in _state.waiting and len(_state.waiting) >= KINDS_MAX:
        kind = Kind(MANY, "", kind.channel, "", "", "", kind.status, kind.code)
    _state.waiting.setdefault(kind, Tally(write)).count += 1
    _start()


def _start() -> None:
    if _state.flusher is None or not _state.flusher.is_alive():
        # Not a daemon: the interpreter waits for it, and it ends when the main thread has.
        _state.flusher = threading.Thread(target=_flush_until_quiet, name="audit-refusals", daemon=False)
        _state.flusher.start()


def _flush_until_quiet() -> None:
    """A second after the other, until nothing waits; the next refusal starts another."""
    main = threading.main_thread()
    try:
        while True:
            main.join(FLUSH_SECONDS)
            flush()
            with _state.lock:
                if not _state.waiting or not main.is_alive():
                    _state.flusher = None
                    return
    finally:
        connection.close()
