"""Acknowledged envelopes become reports, sessions and feedback: a batch in one transaction, or nothing of it."""

import logging
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction

from bugs.ingest import outcomes, sealing
from bugs.ingest.digest import attachments, claims, client_reports, errors, feedback, pace, sessions
from bugs.ingest.digest.claims import Claimed
from bugs.ingest.digest.items import Item
from bugs.ingest.outcomes import DROPPED, Counted, Fate
from bugs.ingest.wire import decoding, envelope, kinds

Keeper = Callable[[UUID, Sequence[Item]], list[Fate]]
# Errors first, then feedback: attachments belong to the bugs of either.
KEEPERS: dict[Keeper, frozenset[str]] = {
    errors.keep: frozenset({kinds.EVENT}),
    feedback.keep: frozenset({kinds.FEEDBACK, kinds.USER_REPORT}),
    attachments.keep: frozenset({kinds.ATTACHMENT}),
    sessions.keep: frozenset({kinds.SESSION, kinds.SESSIONS}),
    client_reports.keep: frozenset({kinds.CLIENT_REPORT}),
}
_pace = pace.Pace(claims.FEWEST, claims.MOST)
logger = logging.getLogger(__name__)


def digest_waiting(until: float = math.inf) -> int:
    """One batch of each project that has something waiting; how many envelopes that were.

    until: on the monotonic clock; whose turn has not come by then may be first the next time.
    """
    projects = claims.waiting()
    random.shuffle(projects)
    read = 0
    for project_id in projects:
        if time.monotonic() > until:
            break
        with suppress(claims.LostLease):  # its new owner reads them
            read += digest_next(project_id)
    return read


def digest_next(project_id: UUID) -> int:
    """One batch of a project. What fails together is tried one by one; what fails alone waits for its next attempt."""
    claimed = claims.claim(project_id, _pace.at_once)
    fresh = [one for one in claimed if one.attempts == 1]
    alone = [one for one in claimed if one.attempts > 1]
    random.shuffle(alone)  # one that ends the process holds up those behind it: another half of them each time
    with _pace.kept():
        if fresh and not _try(project_id, fresh) and len(fresh) > 1:
            alone += fresh
    for one in alone:
        _try(project_id, [one])
    return len(claimed)


def _try(project_id: UUID, claimed: list[Claimed]) -> bool:
    """Whether it was done. Raises when the lease is lost or the database is away: that is not the envelope's fault."""
    try:
        _digest(project_id, claimed)
    except (claims.LostLease, InterfaceError):
        raise
    except Exception as failure:
        if isinstance(failure, OperationalError) and not connection.is_usable():
            raise
        logger.exception("%d envelopes of project %s could not be read", len(claimed), project_id)
        return False
    return True


@transaction.atomic
def _digest(project_id: UUID, claimed: list[Claimed]) -> None:
    items = [item for one in claimed for item in _unpacked(one)]
    fates = [(item, Fate(DROPPED, "not_stored")) for item in items if item.type not in kinds.KEPT]
    for keep, types in KEEPERS.items():
        if mine := [item for item in items if item.type in types]:
            fates += zip(mine, keep(project_id, mine), strict=True)
    _count(project_id, fates)
    claims.finish(claimed)


def _unpacked(claimed: Claimed) -> list[Item]:
    encoding, peer, body = _opened(claimed)
    parsed = envelope.parse(decoding.decode(body, encoding, claimed.size))
    first = next((item for item in parsed.items if item.type == kinds.EVENT), None)
    return [
        Item(
            type=item.type,
            payload=item.payload,
            headers=item.headers,
            # the envelope names one event; were there another, it has a name of its own
            event_id=None if item.type == kinds.EVENT and item is not first else claimed.event_id,
            received_at=claimed.received_at,
            sent_at=parsed.headers.get("sent_at"),
            peer=peer,
        )
        for item in parsed.items
    ]


def _opened(claimed: Claimed) -> sealing.Opened:
    if claimed.encoding != sealing.SEALED:
        return sealing.Opened(claimed.encoding, claimed.peer, claimed.body)
    return sealing.unseal(claimed.id, claimed.body)


def _count(project_id: UUID, fates: Sequence[tuple[Item, Fate]]) -> None:
    """In the hours in which they came, as that they came was counted."""
    by_hour: dict[datetime, Counter[Counted]] = {}
    for item, fate in fates:
        what = Counted(project_id, kinds.category(item.type), *fate)
        by_hour.setdefault(outcomes.hour_of(item.received_at), Counter())[what] += 1
    for hour, counted in by_hour.items():
        outcomes.count(counted, at=hour)
