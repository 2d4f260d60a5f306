"""Texts of a project read again after its rules changed: rows of work, claimed by lease, done in chunks.

Each chunk is a transaction that also says how far it got, so that one which dies leaves nothing half done, and nobody
waits long for a row. What people wrote is done here, what machines sent in `bugs.ingest.redaction_work`.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from bugs.choices import WorkState
from bugs.models import Redaction

LEASE = timedelta(seconds=60)
SETTLES = timedelta(seconds=60)  # until then a process may still write by what it knew before
REST = timedelta(seconds=30)  # after a failure


class Lost(Exception):
    """The lease ran out and somebody else has the work."""


@transaction.atomic
def claim(redaction_id: UUID | None = None) -> Redaction | None:
    """Take the one that waits longest, or a certain one."""
    due = Redaction.objects.filter(Q(leased_until=None) | Q(leased_until__lte=Now()), finished_at=None)
    due = due if redaction_id is None else due.filter(pk=redaction_id)
    work = due.select_for_update(skip_locked=True, of=("self",)).order_by("created_at").first()
    if work is None:
        return None
    Redaction.objects.filter(pk=work.pk).update(
        state=WorkState.RUNNING, epoch=F("epoch") + 1, leased_until=Now() + LEASE
    )
    work.refresh_from_db()
    return work


def advance(work: Redaction, *, stage: str, last: UUID | None, looked_at: int = 0, changed: int = 0) -> None:
    """Write how far it is, in the transaction of the chunk. Raises Lost."""
    counts = {
        **work.counts,
        "done": work.counts.get("done", 0) + (0 if work.counts.get("is_second") else looked_at),
        "changed": work.counts.get("changed", 0) + changed,
    }
    _write(work, stage=stage, last=last, counts=counts, leased_until=timezone.now() + LEASE)


def begin(work: Redaction, *, stage: str, total: int, dictionary: int) -> None:
    """Before the first chunk; dictionary: the new one of payloads, or 0. Raises Lost."""
    began = timezone.now().isoformat()
    counts = {**work.counts, "total": total, "done": 0, "began": began, "settles": began, "dictionary": dictionary}
    _write(work, stage=stage, counts=counts)


def again(work: Redaction, *, stage: str) -> bool:
    """After the last chunk: whether all is to be looked at once more, for what was written meanwhile. Raises Lost."""
    settled = datetime.fromisoformat(work.counts["settles"]) + SETTLES
    if datetime.fromisoformat(work.counts["began"]) >= settled:
        return False
    now = timezone.now()
    counts = {**work.counts, "is_second": True, "began": max(now, settled).isoformat()}
    _write(work, stage=stage, last=None, counts=counts, leased_until=max(now, settled) + LEASE)
    return True


def rests_until(work: Redaction) -> datetime | None:
    """While it waits for transactions to end that began before the rules changed."""
    began = work.counts.get("began")
    until = datetime.fromisoformat(began) if began else None
    return until if until and until > timezone.now() else None


def later() -> datetime:
    """When to try again what failed."""
    return timezone.now() + REST


@transaction.atomic
def finish(work: Redaction) -> None:
    """Raises Lost."""
    _write(work, state=WorkState.DONE, leased_until=None, finished_at=timezone.now())


def pause(work: Redaction, *, until: datetime | None = None) -> None:
    """Let anybody go on with it, now or from a moment on."""
    _owned(work).update(leased_until=until or Now())


def _owned(work: Redaction) -> QuerySet[Redaction]:
    """The row, while it is this epoch's: every update goes through here."""
    return Redaction.objects.filter(pk=work.pk, epoch=work.epoch, finished_at=None)


def _write(work: Redaction, **fields: Any) -> None:
    if not _owned(work).update(**fields):
        raise Lost
    for name, value in fields.items():
        setattr(work, name, value)
