"""Webhooks and connectors for operators: look, and switch webhooks off and on."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from bugs import selectors as bugs_selectors
from integrations import services
from integrations.models import Attempt, Connector, Delivery, Endpoint


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Endpoint)
class EndpointAdmin(_ReadOnly, admin.ModelAdmin[Endpoint]):
    list_display = ["id", "project", "description", "is_active", "disabled_reason", "created_at"]
    list_filter = ["is_active"]
    list_select_related = ["project"]
    exclude = ["secret"]
    actions = ["switch_on", "switch_off"]

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("integrations.change_endpoint"))

    @admin.action(description="Switch on", permissions=["switch"])
    def switch_on(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        self._switch(request, endpoints, is_active=True)

    @admin.action(description="Switch off", permissions=["switch"])
    def switch_off(self, request: HttpRequest, endpoints: QuerySet[Endpoint]) -> None:
        self._switch(request, endpoints, is_active=False)

    def _switch(self, request: HttpRequest, endpoints: QuerySet[Endpoint], *, is_active: bool) -> None:
        by = bugs_selectors.principal_of(request.user)
        for endpoint in endpoints:
            try:
                services.update_endpoint(endpoint.pk, changes={"is_active": is_active}, by=by)
            except services.NotThere:
                self.message_user(request, f"{endpoint} is not of a project you manage.", messages.ERROR)


class AttemptInline(_ReadOnly, admin.TabularInline[Attempt, Delivery]):
    model = Attempt
    extra = 0


@admin.register(Delivery)
class DeliveryAdmin(_ReadOnly, admin.ModelAdmin[Delivery]):
    list_display = ["created_at", "event_type", "endpoint", "state", "attempts", "next_attempt_at"]
    list_filter = ["state", "event_type"]
    list_select_related = ["endpoint"]
    search_fields = ["=event_id"]
    show_full_result_count = False
    inlines = [AttemptInline]


@admin.register(Connector)
class ConnectorAdmin(_ReadOnly, admin.ModelAdmin[Connector]):
    list_display = ["id", "project", "kind", "name", "is_active", "created_at"]
    list_filter = ["kind", "is_active"]
    list_select_related = ["project"]
    exclude = ["secret"]
