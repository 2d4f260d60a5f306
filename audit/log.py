"""The one place where facts are written: `record` inside a transaction, `claim` for those who act on them."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from audit import eras, outbox
from audit.actors import Principal
from audit.identifiers import uuid7
from audit.matching import matches
from audit.models import Event, OutboxEntry
from audit.outbox import claim, wake

__all__ = ["announce", "claim", "record", "wake"]

_KEEP = """
    INSERT INTO audit_announcement (id, era, xid, type, subject, project_id, occurred_at, data)
    VALUES (%s, %s, pg_current_xact_id()::text::bigint, %s, %s, %s, %s, %s) RETURNING xid
"""
Fact = Mapping[str, Any]


class NotInTransaction(RuntimeError):
    """A fact was to be recorded beside no change."""


def record(
    event_type: str,
    *,
    subject: str,
    project_id: UUID | None,
    by: Principal,
    data: Fact | None = None,
    version: int = 1,
) -> Event:
    """Write one event beside the change it describes, and pass it on after commit.

    event_type: `noun.past_verb`, explained in ARCHITECTURE.md. subject: `bug:<uuid>`.
    data: identifiers, enumerations and numbers; never prose or personal data.
    Raises NotInTransaction when called outside `transaction.atomic`.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{event_type} was recorded outside a transaction")
    event = Event.objects.create(
        era=eras.current().number,
        type=event_type,
        version=version,
        subject=subject,
        project_id=project_id,
        actor=by.label,
        occurred_at=timezone.now(),
        data=dict(data or {}),
    )
    routes = [route for route, patterns in settings.EVENT_ROUTES.items() if matches(event_type, patterns)]
    OutboxEntry.objects.bulk_create(OutboxEntry(event=event, route=route) for route in routes)
    outbox.wake_after_commit(routes)
    fact = as_fact(event)
    for listener in _listeners(event_type):
        _tell_after_commit(listener, fact)
    return event


def announce(event_type: str, *, subject: str, project_id: UUID | None, data: Fact, is_kept: bool = False) -> None:
    """Tell listeners of something transient (progress, ticks): no event, no outbox.

    Kept ones are a row for an hour, written in the caller's transaction, so that streams repair and resume them like
    events; the others may be lost. Raises NotInTransaction when one is to be kept outside `transaction.atomic`.
    """
    fact = {
        "id": None,
        "type": event_type,
        "subject": subject,
        "project_id": str(project_id) if project_id else None,
        "occurred_at": timezone.now().isoformat(),
        "data": dict(data),
    }
    if is_kept:
        fact |= _kept(fact)
    for listener in _listeners(event_type):
        _tell_after_commit(listener, fact)


def _kept(fact: Fact) -> Fact:
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{fact['type']} was to be kept outside a transaction")
    row_id, era = uuid7(), eras.current().number
    told = [fact[name] for name in ("type", "subject", "project_id", "occurred_at")]
    with connection.cursor() as cursor:  # half of what the ORM costs, in each batch of the digest
        cursor.execute(_KEEP, [row_id, era, *told, orjson.dumps(fact["data"]).decode()])
        (xid,) = cursor.fetchone()
    return {"id": str(row_id), "era": era, "xid": xid}


def as_fact(event: Event) -> Fact:
    """The event as plain values: what listeners and receivers work with."""
    return {
        "id": str(event.pk),
        "era": event.era,
        "xid": event.xid,
        "seq": event.seq,
        "type": event.type,
        "version": event.version,
        "subject": event.subject,
        "project_id": str(event.project_id) if event.project_id else None,
        "actor": event.actor,
        "occurred_at": event.occurred_at.isoformat(),
        "data": event.data,
    }


def _listeners(event_type: str) -> list[Callable[[Fact], None]]:
    return [import_string(path) for path, patterns in settings.EVENT_LISTENERS.items() if matches(event_type, patterns)]


def _tell_after_commit(listener: Callable[[Fact], None], fact: Fact) -> None:
    def tell() -> None:
        listener(fact)

    transaction.on_commit(tell, robust=True)
