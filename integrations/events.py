"""What this app publishes of webhooks and connectors; never a URL, which may carry a receiver's secret."""

from typing import Any

from audit import log
from audit.actors import Principal
from integrations.models import Connector, Delivery, Endpoint


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


def connector_created(connector: Connector, *, by: Principal) -> None:
    _of_connector("connector.created", connector, by=by)


def connector_updated(connector: Connector, *, fields: list[str], by: Principal) -> None:
    """Names of the changed fields; `secret` is one of them when it was replaced."""
    _of_connector("connector.updated", connector, by=by, fields=sorted(fields))


def connector_deleted(connector: Connector, *, by: Principal) -> None:
    _of_connector("connector.deleted", connector, by=by)


def _of_connector(event_type: str, connector: Connector, *, by: Principal, **more: Any) -> None:
    data = {"connector_id": str(connector.pk), "kind": connector.kind, "is_active": connector.is_active, **more}
    log.record(event_type, subject=f"connector:{connector.pk}", project_id=connector.project_id, by=by, data=data)
