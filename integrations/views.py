"""Webhooks and connectors over REST: receivers, what they were sent, sending it again; who may tell us."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from bugs import policy, query
from bugs import selectors as bugs_selectors
from bugs.filters import refusal
from config.api.pagination import paginate
from config.api.problems import Problem, not_found, unknown_project
from config.api.views import ViewSet, identifier
from integrations import outbound, selectors, serializers, services, vendors
from integrations.models import Connector, Delivery, Endpoint

MANAGE = "webhook.manage"


class WebhookViewSet(ViewSet):
    """Receivers of events over HTTP, signed by Standard Webhooks 1.0."""

    requires = dict.fromkeys(["list", "create", "retrieve", "partial_update", "destroy", "deliveries", "test"], MANAGE)
    shows_secret = frozenset({"create"})
    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = Endpoint.objects.none()
    serializer_class = serializers.Webhook

    def list(self, request: Request) -> Response:
        """Your projects' webhooks, newest first."""
        found = self.filter_queryset(selectors.endpoints_for(self.principal))
        return paginate(request, found, render=lambda rows, _: _webhooks(rows))

    @extend_schema(request=serializers.NewWebhook, responses={201: serializers.CreatedWebhook})
    def create(self, request: Request) -> Response:
        """Add a webhook. The answer shows its secret, this once."""
        wanted = _valid(serializers.NewWebhook(data=request.data))
        project_id = bugs_selectors.project_by_key(self.principal, wanted.pop("project"))
        if project_id is None:
            raise unknown_project()
        try:
            endpoint, secret = services.create_endpoint(project_id=project_id, by=self.principal, **wanted)
        except outbound.ForbiddenUrl as error:
            raise Problem(400, "forbidden_url", str(error), pointer="/url") from error
        except query.BadQuery as error:
            raise refusal(error) from error
        except policy.Refused as error:
            raise Problem(403, "not_allowed", str(error)) from error
        return Response({**_webhook(endpoint), "secret": secret}, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One webhook, without its secret."""
        return Response(_webhook(self._endpoint(pk)))

    @extend_schema(request=serializers.WebhookChanges, responses=serializers.Webhook)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a webhook, or switch it off and on."""
        changes = _valid(serializers.WebhookChanges(data=request.data, partial=True))
        try:
            endpoint = services.update_endpoint(identifier(pk), changes=changes, by=self.principal)
        except services.NotThere as error:
            raise not_found() from error
        except outbound.ForbiddenUrl as error:
            raise Problem(400, "forbidden_url", str(error), pointer="/url") from error
        except query.BadQuery as error:
            raise refusal(error) from error
        return Response(_webhook(endpoint))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a webhook and everything it was still owed."""
        try:
            services.delete_endpoint(identifier(pk), by=self.principal)
        except services.NotThere as error:
            raise not_found() from error
        return Response(status=204)

    @extend_schema(responses=serializers.WebhookDelivery(many=True))
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """What a webhook was sent, newest first, with every try."""
        found = selectors.deliveries_for(self.principal).filter(endpoint=self._endpoint(pk))
        return paginate(request, self.filter_queryset(found), render=lambda rows, _: _deliveries(rows))

    @extend_schema(request=None, responses={202: serializers.WebhookDelivery})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a `webhook.test`; its delivery shows what the receiver answered."""
        try:
            delivery = services.send_test(identifier(pk), by=self.principal)
        except services.NotThere as error:
            raise not_found() from error
        except services.SwitchedOff as error:
            raise _switched_off() from error
        return Response(_delivery(delivery), status=202)

    def _endpoint(self, pk: str) -> Endpoint:
        endpoint = selectors.endpoints_for(self.principal).filter(pk=identifier(pk)).first()
        if endpoint is None:
            raise not_found()
        access.touched(endpoint.project_id, f"webhook:{endpoint.pk}")
        return endpoint


class WebhookDeliveryViewSet(ViewSet):
    """Single deliveries."""

    requires = {"redeliver": MANAGE}
    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = Delivery.objects.none()
    serializer_class = serializers.WebhookDelivery

    @extend_schema(request=None, responses={202: serializers.WebhookDelivery})
    @action(detail=True, methods=["post"])
    def redeliver(self, request: Request, pk: str) -> Response:
        """Send a delivery again, with the same webhook-id and content."""
        try:
            delivery = services.redeliver(identifier(pk), by=self.principal)
        except services.NotThere as error:
            raise not_found() from error
        except services.StillPending as error:
            raise Problem(409, "delivery_pending", "This delivery is still on its way.") from error
        except services.SwitchedOff as error:
            raise _switched_off() from error
        return Response(_delivery(delivery), status=202)


class ConnectorViewSet(ViewSet):
    """Other systems beside a project. `github` tells of pushed commits and tags, at its `inbound_url`."""

    requires = dict.fromkeys(["list", "create", "retrieve", "partial_update", "destroy"], MANAGE)
    shows_secret = frozenset({"create"})
    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = Connector.objects.none()
    serializer_class = serializers.Connector
    filter_backends = []

    def list(self, request: Request) -> Response:
        """Your projects' connectors, newest first."""
        found = selectors.connectors_for(self.principal)
        return paginate(request, found, render=lambda rows, _: _connectors(request, rows))

    @extend_schema(request=serializers.NewConnector, responses={201: serializers.CreatedConnector})
    def create(self, request: Request) -> Response:
        """Add a connector. The answer shows the secret that was made for it, this once."""
        wanted = self.checked(serializers.NewConnector)
        project_id = bugs_selectors.project_by_key(self.principal, wanted.pop("project"))
        if project_id is None:
            raise unknown_project()
        try:
            connector, secret = services.create_connector(project_id=project_id, by=self.principal, **wanted)
        except vendors.BadOptions as error:
            raise _bad_options(error) from error
        except policy.Refused as error:
            raise Problem(403, "not_allowed", str(error)) from error
        shown = None if "secret" in wanted else secret
        return Response({**_connectors(request, [connector])[0], "secret": shown}, status=201)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One connector, without its secret."""
        connector = selectors.connectors_for(self.principal).filter(pk=identifier(pk)).first()
        if connector is None:
            raise not_found()
        access.touched(connector.project_id, f"connector:{connector.pk}")
        return Response(_connectors(request, [connector])[0])

    @extend_schema(request=serializers.ConnectorChanges, responses=serializers.Connector)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a connector, give it another secret, or switch it off and on."""
        changes = self.checked(serializers.ConnectorChanges, partial=True)
        try:
            connector = services.update_connector(identifier(pk), changes=changes, by=self.principal)
        except services.NotThere as error:
            raise not_found() from error
        except vendors.BadOptions as error:
            raise _bad_options(error) from error
        return Response(_connectors(request, [connector])[0])

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a connector; what it told stays."""
        try:
            services.delete_connector(identifier(pk), by=self.principal)
        except services.NotThere as error:
            raise not_found() from error
        return Response(status=204)


def _bad_options(error: vendors.BadOptions) -> Problem:
    return Problem(400, "invalid_options", str(error), pointer="/options")


def _switched_off() -> Problem:
    return Problem(409, "webhook_switched_off", "This webhook is switched off; switch it on first.")


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _webhook(endpoint: Endpoint) -> dict[str, Any]:
    return _shown([endpoint])[0]


def _webhooks(endpoints: QuerySet[Endpoint]) -> list[dict[str, Any]]:
    return _shown(list(endpoints))


def _shown(endpoints: list[Endpoint]) -> list[dict[str, Any]]:
    keys = bugs_selectors.project_keys({endpoint.project_id for endpoint in endpoints})
    columns = ("id", "url", "description", "event_types", "q", "is_active", "disabled_reason", "created_at")
    return [
        dict(
            serializers.Webhook(
                {**{name: getattr(endpoint, name) for name in columns}, "project": keys[endpoint.project_id]}
            ).data
        )
        for endpoint in endpoints
    ]


def _connectors(request: Request, connectors: Iterable[Connector]) -> list[dict[str, Any]]:
    found = list(connectors)
    keys = bugs_selectors.project_keys({connector.project_id for connector in found})
    columns = ("id", "kind", "name", "options", "is_active", "created_at")
    return [
        {
            **{name: getattr(connector, name) for name in columns},
            "project": keys[connector.project_id],
            "inbound_url": request.build_absolute_uri(f"/api/v1/inbound/{connector.pk}/"),
        }
        for connector in found
    ]


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return dict(serializers.WebhookDelivery(delivery).data)


def _deliveries(deliveries: QuerySet[Delivery]) -> list[Any]:
    return list(serializers.WebhookDelivery(deliveries, many=True).data)
