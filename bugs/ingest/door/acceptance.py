"""Envelopes become safe: many senders' are committed together, and each sender is answered after that.

Whoever comes while nothing is being written leads: writes what waits, wakes those it wrote for, and hands the lead to
the next. So there is one commit at a time in a process, as large as what came during the one before.
"""

import copy
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from audit.identifiers import uuid7
from bugs.ingest import sealing
from bugs.ingest.door import connection
from bugs.ingest.outcomes import Counted, Fate, hour_of

AT_ONCE = 500  # envelopes in a commit
BYTES_AT_ONCE = 32 * 1024 * 1024  # of their bodies; one alone may be larger
NAMED_MAX = 100  # refused events that are remembered by their id, of one commit; all are counted

# JSON, since it is made faster than many arrays. A second try finds what the first one wrote, and counts nothing.
_WRITE = """
    WITH arrived AS (
        INSERT INTO bugs_arrival (id, project_id, event_id, received_at, peer, size, encoding, body, attempts)
        SELECT id, project_id, event_id, received_at, '', size, %t, body, 0
        FROM ROWS FROM (
            json_to_recordset(%t::json) AS
                (id uuid, project_id uuid, event_id uuid, received_at timestamptz, size int),
            unnest(%b::bytea[])
        ) AS sent(id, project_id, event_id, received_at, size, body)
        ON CONFLICT (id) DO NOTHING
    ), refused AS (
        INSERT INTO bugs_refusedevent (id, project_id, event_id, outcome, reason, at)
        SELECT *, now() FROM json_to_recordset(%t::json) AS
            sent(id uuid, project_id uuid, event_id uuid, outcome text, reason text)
        ON CONFLICT (id) DO NOTHING
    )
    INSERT INTO bugs_outcomedelta (hour, project_id, category, outcome, reason, quantity)
    SELECT * FROM json_to_recordset(%t::json) AS
        sent(hour timestamptz, project_id uuid, category text, outcome text, reason text, quantity int)
    WHERE NOT EXISTS (SELECT FROM bugs_arrival WHERE id = ANY(%t::uuid[]))
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An envelope to be kept. body: sealed, under this id; size: of the plain one, in bytes."""

    project_id: UUID
    event_id: UUID | None
    received_at: datetime
    size: int
    body: bytes
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that is not kept."""

    project_id: UUID
    event_id: UUID
    fate: Fate
    id: UUID = field(default_factory=uuid7)


@dataclass(slots=True)
class Entry:
    """What one request leaves behind."""

    counted: Counter[Counted] = field(default_factory=Counter)
    parcel: Parcel | None = None
    refused: list[Refused] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.parcel.body) if self.parcel else 0


class _Ticket:
    __slots__ = ("_told", "entry", "failure", "leads")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.leads = False
        self.failure: Exception | None = OperationalError("Whoever wrote it ended before it was written.")
        self._told = threading.Event()

    def wait(self) -> None:
        self._told.wait()

    def tell(self) -> None:
        self._told.set()


class Acceptance:
    """The queue of one process; its length is bounded by the calls that are let in (`config.admission`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._is_led = False

    def put(self, entry: Entry) -> None:
        """Returns when the entry is committed. Raises what the database raised when it is not."""
        ticket = _Ticket(entry)
        with self._lock:
            self._waiting.append(ticket)
            ticket.leads, self._is_led = not self._is_led, True
        if not ticket.leads:
            ticket.wait()
        if ticket.leads:
            self._lead()
        if ticket.failure:  # each its own, since to raise one adds the place to its traceback
            raise copy.copy(ticket.failure) from ticket.failure

    def _lead(self) -> None:
        batch = self._next()
        failure: Exception | None = batch[0].failure  # what ends more than the call, such as SystemExit, leaves it so
        try:
            write([ticket.entry for ticket in batch])
            failure = None
        except Exception as raised:
            failure = raised
        finally:
            for ticket in batch:
                ticket.failure = failure
            self._hand_on()
            for ticket in batch:
                ticket.leads = False
                ticket.tell()

    def _next(self) -> list[_Ticket]:
        with self._lock:
            batch = [self._waiting.popleft()]
            size = batch[0].entry.size
            while self._waiting and len(batch) < AT_ONCE:
                size += self._waiting[0].entry.size
                if size > BYTES_AT_ONCE:
                    break
                batch.append(self._waiting.popleft())
        return batch

    def _hand_on(self) -> None:
        with self._lock:
            self._is_led = bool(self._waiting)
            if self._is_led:
                self._waiting[0].leads = True
                self._waiting[0].tell()


def write(entries: list[Entry]) -> None:
    """One statement, one commit; a second try when the connection broke, which finds what the first one wrote."""
    values = _values(entries)
    try:
        _execute(values)
    except (OperationalError, InterfaceError):
        _execute(values)


def _execute(values: list[object]) -> None:
    with connection.held() as database:
        database.ensure_connection()
        try:
            with database.wrap_database_errors:
                psycopg.Cursor(database.connection).execute(_WRITE, values)
        except (OperationalError, InterfaceError):
            database.close_if_unusable_or_obsolete()
            raise


def _values(entries: list[Entry]) -> list[object]:
    parcels = [entry.parcel for entry in entries if entry.parcel]
    refused = [refused for entry in entries for refused in entry.refused][:NAMED_MAX]
    return [
        sealing.SEALED,
        _json([{name: getattr(parcel, name) for name in _SAID} for parcel in parcels]),
        [parcel.body for parcel in parcels],
        _json(
            [
                {"id": one.id, "project_id": one.project_id, "event_id": one.event_id} | one.fate._asdict()
                for one in refused
            ]
        ),
        _json([{"hour": hour, "quantity": count} | what._asdict() for (hour, what), count in _sums(entries).items()]),
        f"{{{','.join(str(parcel.id) for parcel in parcels)}}}",
    ]


_SAID = ("id", "project_id", "event_id", "received_at", "size")


def _sums(entries: list[Entry]) -> Counter[tuple[datetime, Counted]]:
    """What is counted, by the hours in which it came."""
    sums: Counter[tuple[datetime, Counted]] = Counter()
    now = timezone.now()
    for entry in entries:
        hour = hour_of(entry.parcel.received_at if entry.parcel else now)
        for what, quantity in entry.counted.items():
            sums[hour, what] += quantity
    return sums


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


_here = Acceptance()


def put(entry: Entry) -> None:
    """Into this process's queue. Returns when it is committed; raises DatabaseError when it cannot be."""
    _here.put(entry)
