"""Webhooks and connectors for operators: look, and switch webhooks off and on."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from bugs.admin import gating
from bugs.admin.gating import Gated
from integrations import services
from integrations.models import Attempt, Connector, Delivery, Endpoint


class _OfManagers(Gated):
    """Who manages the webhooks of a project sees them here; they are changed over the API."""

    sees = "webhook.manage"


@admin.register(Endpoint)
class EndpointAdmin(_OfManagers, admin.ModelAdmin[Endpoint]):
    list_display = ["id", "project", "description", "is_active", "disabled_reason", "created_at"]
    list_filter = ["is_active"]
    list_select_related = ["project"]
    exclude = ["secret"]
    actions = ["switch_on", "switch_off"]

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.action(description="Switch on", permissions=["switch"])
    def switch_on(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        self._switch(request, endpoints, is_active=True)

    @admin.action(description="Switch off", permissions=["switch"])
    def switch_off(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        self._switch(request, endpoints, is_active=False)

    def _switch(self, request: HttpRequest, endpoints: QuerySet[Endpoint], *, is_active: bool) -> None:
        by = gating.principal(request)
        for endpoint in endpoints:
            try:
                services.update_endpoint(endpoint.pk, changes={"is_active": is_active}, by=by)
            except services.NotThere:
                self.message_user(request, f"{endpoint} is not of a project you manage.", messages.ERROR)


class AttemptInline(_OfManagers, admin.TabularInline[Attempt, Delivery]):
    model = Attempt
    project_path = "delivery__endpoint__project"
    extra = 0


@admin.register(Delivery)
class DeliveryAdmin(_OfManagers, admin.ModelAdmin[Delivery]):
    project_path = "endpoint__project"
    list_display = ["created_at", "event_type", "endpoint", "state", "attempts", "next_attempt_at"]
    list_filter = ["state", "event_type"]
    list_select_related = ["endpoint"]
    search_fields = ["=event_id"]
    show_full_result_count = False
    inlines = [AttemptInline]


@admin.register(Connector)
class ConnectorAdmin(_OfManagers, admin.ModelAdmin[Connector]):
    list_display = ["id", "project", "kind", "name", "is_active", "created_at"]
    list_filter = ["kind", "is_active"]
    list_select_related = ["project"]
    exclude = ["secret"]
