"""Turning events into deliveries: taking over from the outbox and owing them is one transaction."""

from typing import Any
from uuid import UUID

from django.db import transaction

from audit import log
from audit.matching import matches
from integrations import selectors, triggers
from integrations.models import Delivery, Endpoint

ROUTE = "integrations.tasks.dispatch"


def dispatch() -> int:
    """Take over everything that waits; the number of events taken."""
    taken = 0
    while count := _dispatch_some():
        taken += count
    return taken


@transaction.atomic
def _dispatch_some() -> int:
    facts = [log.as_fact(event) for event in log.claim(ROUTE)]
    receivers = selectors.receivers(UUID(fact["project_id"]) for fact in facts if fact["project_id"])
    wanted = [
        (endpoint, fact)
        for fact in facts
        for endpoint in receivers.get(UUID(fact["project_id"] or UUID(int=0).hex), [])
        if _is_for(endpoint, fact["type"])
    ]
    owed = [_delivery(endpoint, fact) for endpoint, fact in triggers.pulled(wanted)]
    Delivery.objects.bulk_create(owed, batch_size=1_000, ignore_conflicts=True)
    return len(facts)


def _is_for(endpoint: Endpoint, event_type: str) -> bool:
    """News of webhooks never goes out as a webhook: each delivery would cause the next."""
    return not event_type.startswith("webhook.") and matches(event_type, endpoint.event_types)


def _delivery(endpoint: Endpoint, fact: log.Fact) -> Delivery:
    payload: dict[str, Any] = {name: fact[name] for name in ("id", "type", "occurred_at", "data")}
    return Delivery(endpoint=endpoint, event_id=UUID(fact["id"]), event_type=fact["type"], payload=payload)
