"""Every read of webhooks and connectors worth a name; those for people take the principal."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from audit.actors import Principal
from bugs import policy
from integrations.models import Connector, Delivery, Endpoint


def endpoints_for(principal: Principal) -> QuerySet[Endpoint]:
    """The gate: endpoints of the projects whose webhooks this principal manages."""
    return Endpoint.objects.filter(project_id__in=policy.projects(principal, "webhook.manage"))


def deliveries_for(principal: Principal) -> QuerySet[Delivery]:
    projects = policy.projects(principal, "webhook.manage")
    return Delivery.objects.filter(endpoint__project_id__in=projects).prefetch_related("tries")


def connectors_for(principal: Principal) -> QuerySet[Connector]:
    """The gate: connectors of the projects whose webhooks this principal manages."""
    return Connector.objects.filter(project_id__in=policy.projects(principal, "webhook.manage"))


def receivers(project_ids: Iterable[UUID]) -> dict[UUID, list[Endpoint]]:
    """Active endpoints by project."""
    found: dict[UUID, list[Endpoint]] = {}
    for endpoint in Endpoint.objects.filter(project_id__in=set(project_ids), is_active=True).order_by("pk"):
        found.setdefault(endpoint.project_id, []).append(endpoint)
    return found
