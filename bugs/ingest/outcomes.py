"""What became of everything that SDKs sent, counted to the last item.

`received` is counted when an item comes, every other outcome when its fate is known, so of each category
received = accepted + deduplicated + invalid + limited + filtered + dropped + what still waits. What SDKs say that they
threw away themselves (`discarded`) was never received.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from bugs.models import OutcomeDelta, RefusedEvent

RECEIVED = "received"
ACCEPTED, DEDUPLICATED, INVALID = "accepted", "deduplicated", "invalid"
LIMITED, FILTERED, DROPPED = "limited", "filtered", "dropped"
DISCARDED = "discarded"
FATES = (ACCEPTED, DEDUPLICATED, INVALID, LIMITED, FILTERED, DROPPED)


class Fate(NamedTuple):
    """What became of one item; `reason` is a stable word."""

    outcome: str
    reason: str = ""


class Counted(NamedTuple):
    """What is counted: the kind of item and its fate. project_id is None where no project was found."""

    project_id: UUID | None
    category: str
    outcome: str
    reason: str = ""


def count(amounts: Mapping[Counted, int], *, at: datetime | None = None) -> None:
    """Count in the transaction of what is counted, which must be open. at: when the items came, for every fate."""
    if not connection.in_atomic_block:
        raise RuntimeError("outcomes are counted in the transaction of what they count")
    hour = hour_of(at or timezone.now())
    OutcomeDelta.objects.bulk_create(
        OutcomeDelta(hour=hour, quantity=quantity, **what._asdict()) for what, quantity in Counter(amounts).items()
    )


def hour_of(moment: datetime) -> datetime:
    """The hour that something is counted in: that in which it came, so that each hour is a sum of its own."""
    return moment.replace(minute=0, second=0, microsecond=0)


def remember(project_id: UUID, fates: Mapping[UUID, Fate]) -> None:
    """What became of events that were not kept, by their ids."""
    now = timezone.now()
    RefusedEvent.objects.bulk_create(
        RefusedEvent(project_id=project_id, event_id=event_id, outcome=fate.outcome, reason=fate.reason, at=now)
        for event_id, fate in fates.items()
    )
