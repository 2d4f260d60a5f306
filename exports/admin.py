"""Operators watch exports and stop them; nothing is edited by hand."""

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from audit.actors import Principal
from bugs.admin import gating
from bugs.admin.gating import Gated
from exports import selectors, services
from exports.models import Export


@admin.register(Export)
class ExportAdmin(Gated, admin.ModelAdmin[Export]):
    sees = "export.create"
    list_display = ["created_at", "requested_by", "format", "state", "rows_done", "rows_total", "attempts"]
    list_filter = ["state", "format"]
    search_fields = ["=requested_by"]
    ordering = ["-created_at"]
    actions = ["cancel"]
    show_full_result_count = False

    def gate(self, by: Principal) -> Q:
        return Q(pk__in=selectors.exports_for(by))

    def project_of(self, row: Export) -> None:
        """An export may be of several."""

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.action(description="Cancel", permissions=["cancel"])
    def cancel(self, request: HttpRequest, exports: QuerySet[Export]) -> None:
        by = gating.principal(request)
        for export in exports:
            try:
                services.cancel(export.pk, by=by)
            except (services.NotThere, services.AlreadyFinished) as reason:
                self.message_user(
                    request, f"{export.pk}: {str(reason) or 'not one of your projects.'}", messages.WARNING
                )
