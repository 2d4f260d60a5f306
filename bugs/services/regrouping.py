"""Grouping stored reports anew: rows of work, claimed by lease; each step is a transaction and can be done again."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from audit.actors import SYSTEM, Principal
from bugs import events
from bugs.models import ErrorGroup, Regrouping
from bugs.selectors import groups as selectors
from bugs.services import group_rows, report_moves

LEASE, REST = timedelta(seconds=60), timedelta(seconds=10)  # REST: before another attempt, times the attempts so far
MAX_ATTEMPTS = 5
FOUND_MAX = 500  # groups that one may fall into
TOO_MANY_GROUPS, GAVE_UP = "too_many_groups", "failed"


class AlreadyAsked(Exception):
    """The reports of the group are being grouped anew already."""


class Lost(Exception):
    """The lease ran out and somebody else has the work."""


@transaction.atomic
def request(group_id: UUID, *, by: Principal) -> None:
    """Have the stored reports of a group, and of those behind it, grouped by today's rules.

    Raises AlreadyAsked, policy.Refused or NotThere.
    """
    group = group_rows.found(group_id, by=by)
    if Regrouping.objects.filter(group=group, finished_at=None).exists():
        raise AlreadyAsked
    enqueue(group.project_id, selectors.ids_of(group_id), by=by)
    events.regroup_requested(group, by=by)


def enqueue(project_id: UUID, group_ids: Collection[UUID], *, by: Principal) -> None:
    """One row of work for each group that has none."""
    now = timezone.now()
    rows = [
        Regrouping(project_id=project_id, group_id=group_id, actor=by.label, leased_until=now, requested_at=now)
        for group_id in group_ids
    ]
    Regrouping.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def claim() -> Regrouping | None:
    """Take the work that is due longest; the attempt counts before the work, so that a crash counts too."""
    due = Regrouping.objects.filter(finished_at=None, leased_until__lte=Now()).order_by("leased_until")
    work = due.select_for_update(skip_locked=True).first()
    if work is None:
        return None
    Regrouping.objects.filter(pk=work.pk).update(
        epoch=F("epoch") + 1, attempts=F("attempts") + 1, leased_until=Now() + LEASE
    )
    work.refresh_from_db()
    return work


@transaction.atomic
def look(work: Regrouping, *, found: Mapping[str, Any], after: UUID, looked_at: int) -> None:
    """Note what a chunk of the first pass saw. Raises Lost."""
    _advance(work, found=dict(found), after=after, looked_at=work.looked_at + looked_at)


@transaction.atomic
def begin_moving(work: Regrouping) -> bool:
    """After the first pass: whether anything is to be moved. A group that goes elsewhere as a whole stays itself.

    When none of its reports has its fingerprint any more, it takes the one that most have, where that is no other
    group's: so its bug and its history stay with the problem, and only the others move. Raises Lost.
    """
    group = group_rows.held([work.group_id])[work.group_id]
    if work.found and group.fingerprint not in work.found:
        _rename(group, work.found)
    if set(work.found) <= {group.fingerprint}:
        return False
    _advance(work, is_moving=True, after=None, looked_at=0)
    return True


@transaction.atomic
def move(work: Regrouping, chunk: report_moves.Chunk, *, after: UUID) -> list[ErrorGroup]:
    """Move the reports of a chunk; the groups that are new. Raises Lost."""
    made, moved = report_moves.move(work, chunk)
    _advance(work, after=after, looked_at=work.looked_at + chunk.looked_at, moved=work.moved + moved)
    return made


@transaction.atomic
def finish(work: Regrouping, *, reason: str = "") -> None:
    """Put right what is counted by group and by bug, and tell. Raises Lost."""
    if work.is_moving:
        report_moves.settle(work, is_complete=not reason)
    if not _owned(work).update(finished_at=Now(), reason=reason):
        raise Lost
    group = ErrorGroup.objects.defer("context", "context_words").get(pk=work.group_id)
    by = SYSTEM if work.actor == SYSTEM.label else Principal(label=work.actor)
    events.group_regrouped(group, looked_at=work.looked_at, moved=work.moved, reason=reason, by=by)


def rest(work: Regrouping) -> None:
    """After a failure: another attempt later, or none."""
    if work.attempts >= MAX_ATTEMPTS:
        finish(work, reason=GAVE_UP)
    else:
        _owned(work).update(leased_until=Now() + REST * work.attempts)


def pause(work: Regrouping) -> None:
    """Let anybody go on with it."""
    _owned(work).update(leased_until=Now())


def _owned(work: Regrouping) -> QuerySet[Regrouping]:
    """The row, while it is this epoch's: every update goes through here."""
    return Regrouping.objects.filter(pk=work.pk, epoch=work.epoch, finished_at=None)


def _advance(work: Regrouping, **fields: Any) -> None:
    """Write how far it is; a step that is done makes earlier failures forgotten."""
    if not _owned(work).update(leased_until=Now() + LEASE, attempts=0, **fields):
        raise Lost
    for name, value in fields.items():
        setattr(work, name, value)


def _rename(group: ErrorGroup, found: Mapping[str, Any]) -> None:
    fingerprint = min(found, key=lambda name: (-found[name]["reports"], name))
    try:
        with transaction.atomic():
            ErrorGroup.objects.filter(pk=group.pk).update(
                fingerprint=fingerprint,
                grouping=found[fingerprint]["grouping"],
                rule_id=found[fingerprint]["rule"],
            )
    except IntegrityError:  # there is such a group: its reports go there
        return
    group.fingerprint = fingerprint
