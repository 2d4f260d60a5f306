"""Is history as it was sealed? Seals, signatures and rows are gone through in order, and the first fault is named."""

import collections
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from audit import chains, diagnosis, eras, merkle, seal_log, seals
from audit.chains import Chain, Position
from audit.diagnosis import Fault
from audit.models import Pruning, Seal

AT_ONCE = 100  # seals whose rows are read by one statement
UNSEALED_SECONDS = 60  # a settled row without a seal for longer than that is a fault
UNSEALED_MAX = 100_000  # counted to
LOGGED_AT_ONCE = 1_000
_UNSEALED = """
    SELECT count(*), min(id::text) FILTER (WHERE occurred_at < now() - %s * interval '1 second') FROM (
        SELECT id, occurred_at FROM {table} WHERE {after} AND {settled} LIMIT %s
    ) tail
"""
# A transaction that has not begun yet wrote nothing.
_FURTHEST = """
    SELECT id::text, era, xid, pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM {table}
    ORDER BY era DESC, xid DESC, seq DESC LIMIT 1
"""


@dataclass(slots=True)
class Report:
    """What was gone through. pruned: seals of months that were dropped. logged: entries of the log, None without it."""

    chain: str
    seals: int = 0
    rows: int = 0
    pruned: int = 0
    unsealed: int = 0
    first: int | None = None
    last: int | None = None
    logged: int | None = None
    fault: Fault | None = None


@dataclass(slots=True)
class _Walk:
    """How far it came."""

    number: int
    previous: bytes
    position: Position


@transaction.atomic
def verify(
    chain: Chain,
    *,
    keys: Mapping[str, bytes],
    log: Path | None = None,
    first: int = 1,
    last: int | None = None,
    log_bytes: int | None = None,
) -> Report:
    """Compare a chain with its seals from one number to another, with the log, and look at what has no seal.

    keys: trusted public keys by id. log_bytes: so much of the log is read from its end, all of it without.
    """
    with connection.cursor() as cursor:
        cursor.execute(chains.BY_INDEX)
    marks = _marks(chain, keys)
    report = _in_database(chain, keys, marks, first, last)
    if report.fault and marks.keys() != (since := _marks(chain, keys)).keys():  # a month was dropped meanwhile
        report = _in_database(chain, keys, since, first, last)
    if log is not None and log.exists():
        wanted = (
            one for one in seal_log.entries(log, chain.name, log_bytes) if first <= one.number <= (last or one.number)
        )
        report.fault = report.fault or _compared_with_log(chain, report, wanted)
    return report


def _in_database(
    chain: Chain, keys: Mapping[str, bytes], marks: Mapping[str, Pruning], first: int, last: int | None
) -> Report:
    report = Report(chain.name)
    newest = seals.newest(chain)
    end = min(last or newest.number, newest.number) if newest else 0
    report.fault = _anchored(chain, keys, marks, report, first, end)
    if report.fault is None and (newest is None or end == newest.number):
        report.fault = _tail(chain, report, seals.end_of(newest))
    return report


def _anchored(
    chain: Chain, keys: Mapping[str, bytes], marks: Mapping[str, Pruning], report: Report, first: int, end: int
) -> Fault | None:
    """From the first seal asked for; the one before it only says where it begins."""
    walk = _Walk(first, seals.NO_SEAL, chains.BEGINNING)
    if first > 1:
        before = _seals(chain, first - 1, first - 1).first()
        if before is None:
            return Fault("seal_missing", f"seal {first - 1}", "It is not in the database.")
        if fault := diagnosis.of_signature(before, keys):
            return fault
        walk = _Walk(first, seals.hash_of(before), seals.end_of(before))
    report.first = first if end >= first else None
    while walk.number <= end:
        batch = list(_seals(chain, walk.number, min(walk.number + AT_ONCE - 1, end)).order_by("number"))
        if fault := _walked(chain, batch, walk, keys, marks, report):
            return fault
        if not batch:
            return Fault("seal_missing", f"seal {walk.number}", "It is not in the database, and later ones are.")
    return None


def _seals(chain: Chain, first: int, last: int) -> QuerySet[Seal]:
    return Seal.objects.filter(chain=chain.name, number__gte=first, number__lte=last)


def _walked(
    chain: Chain,
    batch: list[Seal],
    walk: _Walk,
    keys: Mapping[str, bytes],
    marks: Mapping[str, Pruning],
    report: Report,
) -> Fault | None:
    """Seals first, then the rows of those that are good, so that a fault in a row before a bad seal is named first."""
    good, start = [], walk.position
    fault = None
    for seal in batch:
        if fault := diagnosis.of_link(seal, walk.number, walk.previous, walk.position, keys):
            break
        good.append(seal)
        walk.number, walk.previous, walk.position = seal.number + 1, seals.hash_of(seal), seals.end_of(seal)
    lines = chains.between(chain, start, walk.position) if good else iter(())
    return _rows(chain, good, lines, marks, report) or fault


def _rows(
    chain: Chain, batch: list[Seal], lines: Iterator[bytes], marks: Mapping[str, Pruning], report: Report
) -> Fault | None:
    before = b""
    for seal in batch:
        report.last, report.seals = seal.number, report.seals + 1
        if chain.has_months and seal.month in marks and seal.number <= marks[seal.month].last_number:
            report.pruned += 1
            continue
        found = list(itertools.islice(lines, seal.count))
        leaves = [merkle.leaf(line) for line in found]
        if len(found) != seal.count or merkle.root(leaves) != bytes(seal.root):
            _read_out(lines)
            return diagnosis.of_rows(seal, found, leaves, before)
        report.rows += seal.count
        before = found[-1]
    extra = next(lines, None)
    _read_out(lines)
    return Fault("inserted", f"row {chains.id_of(extra)}", "No seal covers it.") if extra else None


def _read_out(lines: Iterator[bytes]) -> None:
    """A COPY that is broken off would end the transaction that it is in."""
    collections.deque(lines, maxlen=0)


def _tail(chain: Chain, report: Report, after: Position) -> Fault | None:
    """What came since the newest seal is on its way to one; it must not be for long, nor from the future."""
    era = eras.current().number
    with connection.cursor() as cursor:
        sql = _UNSEALED.format(table=chain.table, after=chains.AFTER, settled=chains.SETTLED)
        cursor.execute(sql, [UNSEALED_SECONDS, *after, era, UNSEALED_MAX])
        report.unsealed, oldest = cursor.fetchone()
        cursor.execute(_FURTHEST.format(table=chain.table))
        furthest = cursor.fetchone()
    if furthest and (furthest[1] > era or (furthest[1] == era and furthest[2] >= furthest[3])):
        return Fault("inserted", f"row {furthest[0]}", "It claims a transaction that has not been yet.")
    if oldest:
        detail = f"It has had no seal for more than {UNSEALED_SECONDS} s: seals were taken away, or nobody seals."
        return Fault("unsealed", f"row {oldest}", detail)
    return None


def _compared_with_log(chain: Chain, report: Report, wanted: Iterator[seal_log.Entry]) -> Fault | None:
    """Every seal that was written outside must be in the database, as it was."""
    report.logged = 0
    while batch := list(itertools.islice(wanted, LOGGED_AT_ONCE)):
        found = Seal.objects.filter(chain=chain.name, number__in={one.number for one in batch})
        there = {seal.number: seal for seal in found}
        for entry in batch:
            seal = there.get(entry.number)
            if seal is None or seals.statement(seal) != entry.text:
                return diagnosis.of_entry(entry, seal)
            report.logged += 1
    return None


def _marks(chain: Chain, keys: Mapping[str, bytes]) -> dict[str, Pruning]:
    """Months that were dropped on purpose: a mark with another signature counts for nothing."""
    found: dict[str, Any] = {}
    for mark in Pruning.objects.filter(chain=chain.name):
        if (public := keys.get(mark.key_id)) and seals.is_signed(mark, public):
            found[mark.month] = mark
    return found


def as_document(report: Report) -> dict[str, Any]:
    """As the API shows it."""
    fault = report.fault._asdict() if report.fault else None
    return {**asdict(report), "is_intact": fault is None, "fault": fault}
