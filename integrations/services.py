"""Every write to webhooks and connectors: one transaction, one event beside the change, `by` who did it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from audit import access
from audit.actors import Principal
from audit.identifiers import uuid7
from bugs import policy, query
from bugs.selectors import privacy
from config import keyring
from integrations import events, outbound, signing, vendors
from integrations.models import Connector, Delivery, DeliveryState, Endpoint

EDITABLE = frozenset({"url", "description", "event_types", "q", "is_active"})


class NotThere(LookupError):
    """Missing, or not this principal's to know of."""


class SwitchedOff(Exception):
    """Nothing is sent to an endpoint that is switched off."""


class StillPending(Exception):
    """A delivery that is queued or running is already on its way."""


@transaction.atomic
def create_endpoint(
    *, project_id: UUID, url: str, event_types: list[str], by: Principal, description: str = "", q: str = ""
) -> tuple[Endpoint, str]:
    """Add a receiver; the secret is shown this once. Raises outbound.ForbiddenUrl, query.BadQuery or policy.Refused."""
    policy.check(by, "webhook.manage", project_id)
    texts = _clean(project_id, {"description": description, "q": q})
    outbound.check_url(url)
    query.check_live(texts["q"])
    endpoint = Endpoint(project_id=project_id, url=url, event_types=event_types, **texts)
    endpoint.owner_id = by.user_id
    secret = signing.new_secret()
    endpoint.secret = keyring.seal(secret.encode(), place=Endpoint.PLACE, row=endpoint.pk)
    endpoint.save(force_insert=True)
    events.endpoint_created(endpoint, by=by)
    return endpoint, secret


@transaction.atomic
def update_endpoint(endpoint_id: UUID, *, changes: Mapping[str, Any], by: Principal) -> Endpoint:
    """Change a receiver; switching it on again forgets why it was switched off."""
    endpoint = _locked(endpoint_id, by=by)
    changes = _clean(endpoint.project_id, changes)
    changed = [name for name, value in changes.items() if name in EDITABLE and getattr(endpoint, name) != value]
    if not changed:
        return endpoint
    if "url" in changed:
        outbound.check_url(changes["url"])
    if "q" in changed:
        query.check_live(changes["q"])
        endpoint.owner_id = by.user_id
    for name in changed:
        setattr(endpoint, name, changes[name])
    if "is_active" in changed:
        endpoint.disabled_reason = "" if endpoint.is_active else "by_hand"
    endpoint.save(update_fields=[*changed, "disabled_reason", "owner_id"])
    events.endpoint_updated(endpoint, fields=changed, by=by)
    return endpoint


@transaction.atomic
def delete_endpoint(endpoint_id: UUID, *, by: Principal) -> None:
    """Remove a receiver with everything it was owed."""
    endpoint = _locked(endpoint_id, by=by)
    events.endpoint_deleted(endpoint, by=by)
    endpoint.delete()


@transaction.atomic
def send_test(endpoint_id: UUID, *, by: Principal) -> Delivery:
    """Owe the receiver a `webhook.test` now. Raises SwitchedOff."""
    endpoint = _locked(endpoint_id, by=by)
    if not endpoint.is_active:
        raise SwitchedOff(endpoint_id)
    event_id = uuid7()
    payload = {
        "id": str(event_id),
        "type": "webhook.test",
        "occurred_at": timezone.now().isoformat(),
        "data": {"webhook_id": str(endpoint.pk)},
    }
    delivery = Delivery.objects.create(endpoint=endpoint, event_id=event_id, event_type="webhook.test", payload=payload)
    delivery.refresh_from_db()
    events.tested(delivery, by=by)
    return delivery


@transaction.atomic
def redeliver(delivery_id: UUID, *, by: Principal) -> Delivery:
    """Send what has ended again: same id and content, new schedule. Raises StillPending or SwitchedOff."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",)).select_related("endpoint").filter(pk=delivery_id).first()
    )
    if delivery is None or not _may(by, delivery.endpoint):
        raise NotThere(delivery_id)
    access.touched(delivery.endpoint.project_id, f"delivery:{delivery.pk}")
    if delivery.state in (DeliveryState.QUEUED, DeliveryState.RUNNING):
        raise StillPending(delivery_id)
    if not delivery.endpoint.is_active:
        raise SwitchedOff(delivery.endpoint_id)
    delivery.state, delivery.attempts = DeliveryState.QUEUED, 0
    delivery.next_attempt_at = Now()
    delivery.save(update_fields=["state", "attempts", "next_attempt_at"])
    delivery.refresh_from_db()
    events.redelivered(delivery, by=by)
    return delivery


@transaction.atomic
def create_connector(
    *, project_id: UUID, kind: str, by: Principal, name: str = "", secret: str = "", options: Mapping[str, Any]
) -> tuple[Connector, str]:
    """Add a connector; its secret is made here unless one is given. Raises vendors.BadOptions or policy.Refused."""
    policy.check(by, "webhook.manage", project_id)
    connector = Connector(project_id=project_id, kind=kind, **_clean(project_id, {"name": name}))
    connector.options = vendors.KINDS[kind].checked(options)
    secret = secret or vendors.new_secret()
    connector.secret = keyring.seal(secret.encode(), place=Connector.PLACE, row=connector.pk)
    connector.save(force_insert=True)
    events.connector_created(connector, by=by)
    return connector, secret


@transaction.atomic
def update_connector(connector_id: UUID, *, changes: Mapping[str, Any], by: Principal) -> Connector:
    """Change its name, options or secret, or switch it. Raises NotThere or vendors.BadOptions."""
    connector = _locked_connector(connector_id, by=by)
    wanted = _clean(connector.project_id, changes)
    if "options" in wanted:
        wanted["options"] = vendors.KINDS[connector.kind].checked(wanted["options"])
    if "secret" in wanted:
        wanted["secret"] = keyring.seal(wanted["secret"].encode(), place=Connector.PLACE, row=connector.pk)
    changed = [name for name, value in wanted.items() if getattr(connector, name) != value]
    for name in changed:
        setattr(connector, name, wanted[name])
    if changed:
        connector.save(update_fields=changed)
        events.connector_updated(connector, fields=changed, by=by)
    return connector


@transaction.atomic
def delete_connector(connector_id: UUID, *, by: Principal) -> None:
    """Remove a connector; what it told stays. Raises NotThere."""
    connector = _locked_connector(connector_id, by=by)
    events.connector_deleted(connector, by=by)
    connector.delete()


def _clean(project_id: UUID, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What people write of a receiver or a connector, without what is personal."""
    clean = dict(fields)
    for name, limit in (("description", 200), ("name", 100)):
        if name in clean:
            clean[name] = privacy.clean(project_id, clean[name], limit)
    if "q" in clean:
        clean["q"] = privacy.clean_filter(project_id, clean["q"])
    return clean


def _locked_connector(connector_id: UUID, *, by: Principal) -> Connector:
    connector = Connector.objects.select_for_update().filter(pk=connector_id).first()
    if connector is None or not _may(by, connector):
        raise NotThere(connector_id)
    access.touched(connector.project_id, f"connector:{connector.pk}")
    return connector


def _locked(endpoint_id: UUID, *, by: Principal) -> Endpoint:
    endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None or not _may(by, endpoint):
        raise NotThere(endpoint_id)
    access.touched(endpoint.project_id, f"webhook:{endpoint.pk}")
    return endpoint


def _may(by: Principal, row: Endpoint | Connector) -> bool:
    return by.label == "system" or policy.allows(by, "webhook.manage", row.project_id)
