"""Groups whose errors come far more often than before are marked and told of, once, until that is over."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import events
from bugs.analysis.spikes import Verdict, is_over, judge
from bugs.models import ErrorGroup
from bugs.selectors import spikes

_log = logging.getLogger(__name__)


def check(now: datetime | None = None) -> int:
    """Look at the groups that have errors now; how many began to spike. One that is locked waits for the next time."""
    at, begun = now or timezone.now(), 0
    for group_id in spikes.spiking_members():
        _end(group_id)
    for found in spikes.counts(at):
        verdict = judge(found.observed, found.past)
        if found.is_spiking:
            if verdict is None or is_over(found.observed, found.share, found.past):
                _end(found.group_id)
        elif verdict is not None and verdict.is_spike:
            begun += _begin(found.group_id, verdict, at)
    return begun


def _begin(group_id: UUID, verdict: Verdict, at: datetime) -> bool:
    """One transaction a group: ingest locks several, in an order of its own."""
    try:
        with transaction.atomic():
            unmarked = ErrorGroup.objects.filter(pk=group_id, spiking_since=None, merged_into=None)
            if not unmarked.update(spiking_since=at):
                return False
            group = ErrorGroup.objects.get(pk=group_id)
            events.group_spiking(group, observed=verdict.observed, expected=round(verdict.expected, 2), by=SYSTEM)
            return True
    except OperationalError:
        _log.warning("group %s began to spike, and is locked", group_id, exc_info=True)
        return False


def _end(group_id: UUID) -> None:
    try:
        ErrorGroup.objects.filter(pk=group_id).update(spiking_since=None)
    except OperationalError:
        _log.warning("group %s spikes no more, and is locked", group_id, exc_info=True)
