"""What this app publishes of webhooks themselves; never the URL, which may carry a receiver's secret."""

from typing import Any

from audit import log
from audit.actors import Principal
from integrations.models import Delivery, Endpoint


def endpoint_created(endpoint: Endpoint, *, by: Principal) -> None:
    _of_endpoint("webhook.created", endpoint, by=by)


def endpoint_updated(endpoint: Endpoint, *, fields: list[str], by: Principal) -> None:
    """Names of the changed fields; disabling by a receiver's 410 Gone is one of `is_active` by the system."""
    _of_endpoint("webhook.updated", endpoint, by=by, fields=sorted(fields))


def endpoint_deleted(endpoint: Endpoint, *, by: Principal) -> None:
    _of_endpoint("webhook.deleted", endpoint, by=by)


def tested(delivery: Delivery, *, by: Principal) -> None:
    _of_endpoint("webhook.tested", delivery.endpoint, by=by, delivery_id=str(delivery.pk))


def redelivered(delivery: Delivery, *, by: Principal) -> None:
    _of_endpoint("webhook.redelivered", delivery.endpoint, by=by, delivery_id=str(delivery.pk))


def _of_endpoint(event_type: str, endpoint: Endpoint, *, by: Principal, **more: Any) -> None:
    data = {"webhook_id": str(endpoint.pk), "is_active": endpoint.is_active, **more}
    log.record(event_type, subject=f"webhook:{endpoint.pk}", project_id=endpoint.project_id, by=by, data=data)
