"""Old access records go by whole months, once everything in them is sealed and as it was; a signed mark stays."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from audit import chains, partitions, seal_log, seals, signing, verification
from audit.chains import ACCESS, Position
from audit.diagnosis import Fault
from audit.models import PersonKey, Pruning, Seal, SealLeaves

LOCK_TIMEOUT, TRIES, PAUSE_SECONDS = "500ms", 5, 1.0  # whoever writes a record waits behind it
VERIFY_TIMEOUT = "30min"
_log = logging.getLogger(__name__)


def prune(now: datetime | None = None) -> list[str]:
    """Drop the months that are too old; which ones. What cannot go now goes at the next run."""
    months: int = settings.AUDIT_RETENTION_MONTHS
    if months <= 0:
        return []
    end = partitions.month_start(now or timezone.now(), -months)
    return [name for name, is_attached in _old(end) if _prune(name, is_attached)]


def _old(end: datetime) -> list[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(partitions.MONTHS, [ACCESS.table])
        found = [(row[0], row[1]) for row in cursor.fetchall()]
    return [(name, attached) for name, attached in found if partitions.month_of(ACCESS.table, name) < end]


def _prune(name: str, is_attached: bool) -> bool:
    month = f"{partitions.month_of(ACCESS.table, name):%Y-%m}"
    if is_attached:
        if not _is_sealed(name):
            _log.warning("%s stays: some of its rows are not sealed", name)
            return False
        mark = _mark(month)
        if mark and (fault := _fault(month)):
            _log.error("%s stays, it is not as it was sealed: %s, %s", name, fault.kind, fault.where)
            return False
        if not _tried(lambda: _detach(name, mark)):
            return False
        if mark:
            seal_log.append_pruning(mark)
    PersonKey.objects.filter(person=f"anonymous:{month}").delete()
    return _tried(lambda: _execute(partitions.drop(name)))


def _is_sealed(name: str) -> bool:
    """Whether the newest seal is at or behind the last row of the month."""
    reached = seals.end_of(seals.newest(ACCESS))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT era, xid, seq FROM {name} ORDER BY era DESC, xid DESC, seq DESC LIMIT 1")  # noqa: S608
        row = cursor.fetchone()
    return row is None or Position(*row) <= reached


def _fault(month: str) -> Fault | None:
    """What goes is looked at once more: a mark must not cover up what was done to it."""
    numbers = Seal.objects.filter(chain=ACCESS.name, month=month).order_by("number").values_list("number", flat=True)
    first, last = numbers.first(), numbers.last()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{VERIFY_TIMEOUT}'")
        return verification.verify(ACCESS, keys=signing.trusted(), first=first or 1, last=last).fault


def _mark(month: str) -> Pruning | None:
    """A month without rows leaves none."""
    covering = Seal.objects.filter(chain=ACCESS.name, month=month)
    last = covering.order_by("-number").first()
    if last is None:
        return None
    mark = Pruning(
        format=chains.FORMAT,
        chain=ACCESS.name,
        month=month,
        last_number=last.number,
        rows=sum(covering.values_list("count", flat=True)),
        pruned_at=timezone.now(),
        key_id=signing.key_id(signing.public_key()),
    )
    mark.signature = signing.sign(seals.pruning_statement(mark))
    return mark


def _detach(name: str, mark: Pruning | None) -> None:
    """Out of the table and marked in one transaction, which is over at once; its files may take their time."""
    with transaction.atomic():
        _execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        _execute(partitions.detach(ACCESS.table, name))
        if mark:
            mark.save(force_insert=True)
            SealLeaves.objects.filter(seal__chain=ACCESS.name, seal__month=mark.month).delete()


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _tried(act: Callable[[], None]) -> bool:
    for place in range(TRIES):
        if place:
            time.sleep(PAUSE_SECONDS)
        try:
            act()
        except OperationalError:
            _log.warning("not now", exc_info=True)
        else:
            return True
    return False
