"""Sending what is due: claimed with a lease, tried once, finished only by the claim that tried it."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from audit.actors import SYSTEM
from bugs.privacy import redaction
from config import keyring
from integrations import backoff, events, outbound, signing
from integrations.backoff import Verdict
from integrations.models import Attempt, Delivery, DeliveryState, Endpoint
from integrations.outbound import Answer

BATCH = 50
LEASE = timedelta(seconds=60)  # four deadlines: the answers of a batch are written as they come
EXCERPT = 1_000

_DUE = "state IN ('queued', 'running') AND COALESCE(lease_until, next_attempt_at) <= statement_timestamp()"
# Counted before the work, so a delivery that kills its worker every time still comes to an end.
# A CTE, since a planner may run a subquery of a join more than once and lock more than the limit.
_CLAIM = f"""
    WITH chosen AS MATERIALIZED (
        SELECT due.id, e.url, e.secret FROM integrations_delivery due
        JOIN integrations_endpoint e ON e.id = due.endpoint_id AND e.is_active
        WHERE {_DUE} AND attempts < %s
        ORDER BY COALESCE(lease_until, next_attempt_at) LIMIT %s FOR UPDATE OF due SKIP LOCKED
    )
    UPDATE integrations_delivery d
    SET state = 'running', attempts = d.attempts + 1, epoch = d.epoch + 1,
        lease_until = statement_timestamp() + make_interval(secs => %s)
    FROM chosen WHERE d.id = chosen.id
    RETURNING d.id, d.endpoint_id, d.event_id, d.payload::text, d.attempts, d.epoch, chosen.url, chosen.secret
"""  # noqa: S608
_BURY = f"""
    UPDATE integrations_delivery SET state = 'failed', lease_until = NULL
    WHERE id IN (
        SELECT id FROM integrations_delivery WHERE {_DUE} AND attempts >= %s FOR UPDATE SKIP LOCKED
    )
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours until its lease ends."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    payload: str
    attempts: int
    epoch: int
    url: str
    secret: bytes


def deliver_batch() -> int:
    """Send one batch of due deliveries; how many were tried."""
    claimed = claim()
    for delivery, started_at, answer in _send_all(claimed):
        finish(delivery, started_at, answer)
    return len(claimed)


def claim(limit: int = BATCH) -> list[Claimed]:
    """Take due deliveries; two claimers never get the same one."""
    tries = len(backoff.SCHEDULE)
    with connection.cursor() as cursor:
        cursor.execute(_BURY, [tries])
        cursor.execute(_CLAIM, [tries, limit, LEASE.total_seconds()])
        return [Claimed(*row) for row in cursor.fetchall()]


def _send_all(claimed: list[Claimed]) -> Iterator[tuple[Claimed, datetime, Answer]]:
    """Send together, yield each answer as it comes; between two answers no loop runs, so the ORM may."""
    if not claimed:
        return
    with asyncio.Runner() as runner:
        session = runner.run(_opened())
        loop = runner.get_loop()
        waiting = {loop.create_task(_send(session, delivery)) for delivery in claimed}
        try:
            while waiting:
                done, waiting = runner.run(_first_of(waiting))
                for task in done:
                    yield task.result()
        finally:
            runner.run(session.close())


async def _opened() -> aiohttp.ClientSession:
    return outbound.open_session()


async def _first_of(waiting: set[asyncio.Task[Any]]) -> tuple[set[asyncio.Task[Any]], set[asyncio.Task[Any]]]:
    return await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


async def _send(session: aiohttp.ClientSession, delivery: Claimed) -> tuple[Claimed, datetime, Answer]:
    started_at = timezone.now()
    body = delivery.payload.encode()
    try:
        secret = keyring.unseal(delivery.secret, place=Endpoint.PLACE, row=delivery.endpoint_id).decode()
    except keyring.Unreadable:
        return delivery, started_at, Answer(error="secret_unreadable")
    headers = signing.headers([secret], message_id=str(delivery.event_id), timestamp=int(time.time()), body=body)
    headers["Content-Type"] = "application/json"
    return delivery, started_at, await outbound.post(session, delivery.url, headers=headers, body=body)


@transaction.atomic
def finish(delivery: Claimed, started_at: datetime, answer: Answer) -> bool:
    """Write the outcome down, unless the lease ran out and somebody else has taken the delivery since."""
    said = backoff.verdict(answer.status)
    mine = Delivery.objects.filter(pk=delivery.id, epoch=delivery.epoch, state=DeliveryState.RUNNING)
    if not mine.update(lease_until=None, **_outcome(delivery, said, answer)):
        return False
    Attempt.objects.create(
        delivery_id=delivery.id,
        number=delivery.epoch,
        started_at=started_at,
        duration_ms=answer.duration_ms,
        status=answer.status,
        error=answer.error,
        response_excerpt=redaction.text(answer.body[:EXCERPT].decode("utf-8", "replace").replace("\x00", "\ufffd")),
    )
    if said is Verdict.DISABLE:
        _disable(delivery.endpoint_id)
    return True


def _outcome(delivery: Claimed, said: Verdict, answer: Answer) -> dict[str, Any]:
    if said is Verdict.OK:
        return {"state": DeliveryState.DELIVERED}
    asked = backoff.retry_after(answer.retry_after, now=timezone.now()) if said is Verdict.THROTTLE else None
    wait = backoff.wait_after(delivery.attempts, at_least=asked)
    if said is Verdict.DISABLE or wait is None:
        return {"state": DeliveryState.FAILED}
    return {"state": DeliveryState.QUEUED, "next_attempt_at": Now() + wait}


def _disable(endpoint_id: UUID) -> None:
    endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id, is_active=True).first()
    if endpoint:
        endpoint.is_active, endpoint.disabled_reason = False, "gone"
        endpoint.save(update_fields=["is_active", "disabled_reason"])
        events.endpoint_updated(endpoint, fields=["is_active"], by=SYSTEM)
