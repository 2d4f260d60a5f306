"""What connectors tell becomes ours: who it is from, whether it came before, and the service that it is for."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Principal
from bugs.services import releases
from config import keyring
from integrations import vendors
from integrations.models import Connector, Received
from integrations.vendors.facts import Pushed, Tagged

REMEMBERED = timedelta(days=7)  # deliveries; GitHub sends none again that is older than three days
STORED, REPEATED, IGNORED = "stored", "repeated", "ignored"
_NOBODY = "github"  # whose signature is checked where there is no connector: finding that out takes as long


def authentic(connector_id: UUID, *, body: bytes, headers: Mapping[str, str]) -> Connector | None:
    """The connector, when it is there, switched on, and has signed these bytes."""
    connector = Connector.objects.filter(pk=connector_id, is_active=True).first()
    vendor = vendors.KINDS[connector.kind if connector else _NOBODY]
    is_genuine = vendor.is_genuine(body, headers, _secret(connector))
    return connector if connector and is_genuine else None


def principal_of(connector: Connector) -> Principal:
    """Who a connector acts as: an integrator of its project."""
    return Principal(
        label=f"connector:{connector.pk}",
        name=connector.name,
        roles={connector.project_id: frozenset({"integrator"})},
        permissions=frozenset({"write"}),
    )


@transaction.atomic
def receive(connector: Connector, *, body: bytes, headers: Mapping[str, str]) -> str:
    """Take what an authentic delivery tells; what became of it. Raises lenient_json.Malformed."""
    vendor, by = vendors.KINDS[connector.kind], principal_of(connector)
    if not _is_first(connector, vendor.delivery(headers)):
        return REPEATED
    match vendor.read(body, headers, connector.options):
        case Pushed(commits):
            releases.push(connector.project_id, commits=commits, by=by)
        case Tagged(version, commit):
            releases.publish(project_id=connector.project_id, version=version, commit=commit, by=by)
        case None:
            return IGNORED
    return STORED


def _secret(connector: Connector | None) -> str:
    if connector:
        try:
            return keyring.unseal(connector.secret, place=Connector.PLACE, row=connector.pk).decode()
        except keyring.Unreadable:
            pass
    return secrets.token_hex()  # nobody can have signed with it


def _is_first(connector: Connector, delivery: str) -> bool:
    """One that is at work elsewhere is waited for."""
    now = timezone.now()
    Received.objects.filter(connector=connector, received_at__lt=now - REMEMBERED).delete()
    if not delivery:
        return True
    once = {"connector": connector, "delivery": delivery}
    return Received.objects.get_or_create(**once, defaults={"received_at": now})[1]
