"""Which project an SDK may send to: known for a second, so that a burst asks once and a revoked key is soon out."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from bugs.ingest.door import connection

FRESH_SECONDS = 1.0
KNOWN_MAX = 1_000  # projects
NUMBER_MAX = 2**31 - 1

COUNTED_SECONDS = 5.0  # what waits is counted that often: it may be much

_QUERY = """
    SELECT p.id, p.events_per_minute,
        array(SELECT public_key FROM bugs_ingestkey WHERE project_id = p.id AND is_active)
    FROM bugs_project p WHERE p.number = %s
"""
# What was set aside waits for its operator, and for nobody else.
_WAITING = """
    SELECT count(*), coalesce(sum(size), 0) FROM (
        SELECT size FROM bugs_arrival
        WHERE project_id = %s AND (leased_until IS NULL OR leased_until < 'infinity') LIMIT %s
    ) waiting
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """The project behind a number. waiting, size: its envelopes that are not read yet, and their plain bytes."""

    project_id: UUID
    events_per_minute: int | None
    keys: frozenset[str]
    waiting: int
    size: int
    counted_at: float


_lock = threading.Lock()
_known: OrderedDict[int, tuple[float, Sender | None]] = OrderedDict()


def of(number: int) -> Sender | None:
    """The project that SDKs know by that number."""
    if not 0 < number <= NUMBER_MAX:
        return None
    is_fresh, sender = _remembered(number)
    if is_fresh:
        return sender
    with connection.held() as database:
        is_fresh, sender = _remembered(number)  # whoever held it until now may have asked the same
        if not is_fresh:
            sender = _ask(database, number, sender)
            _keep(number, sender)
    return sender


def forget() -> None:
    """Ask anew from now on."""
    with _lock:
        _known.clear()


def _remembered(number: int) -> tuple[bool, Sender | None]:
    with _lock:
        asked_at, sender = _known.get(number, (float("-inf"), None))
    return time.monotonic() - asked_at <= FRESH_SECONDS, sender


def _ask(database: Any, number: int, before: Sender | None) -> Sender | None:
    with database.cursor() as cursor:
        cursor.execute(_QUERY, [number])
        row = cursor.fetchone()
        if row is None:
            return None
        counted = (before.waiting, before.size, before.counted_at) if before else (0, 0, float("-inf"))
        if time.monotonic() - counted[2] > COUNTED_SECONDS:
            cursor.execute(_WAITING, [row[0], settings.INGEST_BACKLOG_MAX + 1])
            counted = (*cursor.fetchone(), time.monotonic())
    return Sender(row[0], row[1], frozenset(row[2]), *counted)


def _keep(number: int, sender: Sender | None) -> None:
    with _lock:
        _known[number] = (time.monotonic(), sender)
        _known.move_to_end(number)
        if len(_known) > KNOWN_MAX:
            _known.popitem(last=False)
