"""Entries that routes have not taken over yet: claimed once, swept when a wake-up was lost."""

import logging
import time
from collections.abc import Callable, Iterable
from functools import cache

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from audit.models import Event, OutboxEntry

logger = logging.getLogger(__name__)
CLAIM_LIMIT = 500
BROKER_REST_SECONDS = 5.0  # after a failed wake-up the sweep serves; each further try would hold up a request

_broker_rests_until = 0.0


def wake_after_commit(routes: Iterable[str]) -> None:
    """One wake-up per route and transaction, sent once it has committed."""
    waiting = {entry[1] for entry in connection.run_on_commit}
    for route in routes:
        if (waker := _waker(route)) not in waiting:
            transaction.on_commit(waker, robust=True)


@cache
def _waker(route: str) -> Callable[[], None]:
    def send() -> None:
        wake(route)

    return send


def wake(route: str) -> None:
    """Tell a worker to look now. Whether it arrives does not matter: the sweep finds what it misses."""
    global _broker_rests_until
    if time.monotonic() < _broker_rests_until:
        return
    try:
        current_app.send_task(route)
    except (OperationalError, OSError) as error:
        _broker_rests_until = time.monotonic() + BROKER_REST_SECONDS
        logger.warning("the broker is away (%s); the sweep will find %s", error.__class__.__name__, route)


def claim(route: str, limit: int = CLAIM_LIMIT) -> list[Event]:
    """Take over entries of one route: they are gone when the caller's transaction commits, back when it does not.

    Entries that another transaction is claiming are passed over, so two sweepers never take the same one.
    """
    assert connection.in_atomic_block, "claiming and the work it becomes are one transaction"
    entries = list(
        OutboxEntry.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(route=route)
        .select_related("event")
        .order_by("id")[:limit]
    )
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return [entry.event for entry in entries]


def waiting_routes() -> list[str]:
    """Routes that have entries nobody took."""
    return [route for route in settings.EVENT_ROUTES if OutboxEntry.objects.filter(route=route).exists()]
