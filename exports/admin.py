"""Operators watch exports and stop them; nothing is edited by hand."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from bugs import selectors as bugs_selectors
from exports import services
from exports.models import Export


@admin.register(Export)
class ExportAdmin(admin.ModelAdmin[Export]):
    list_display = ["created_at", "requested_by", "format", "state", "rows_done", "rows_total", "attempts"]
    list_filter = ["state", "format"]
    search_fields = ["=requested_by"]
    ordering = ["-created_at"]
    actions = ["cancel"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("exports.change_export")

    @admin.action(description="Cancel", permissions=["cancel"])
    def cancel(self, request: HttpRequest, exports: QuerySet[Export]) -> None:
        by = bugs_selectors.principal_of(request.user)
        for export in exports:
            try:
                services.cancel(export.pk, by=by)
            except (services.NotThere, services.AlreadyFinished) as reason:
                self.message_user(
                    request, f"{export.pk}: {str(reason) or 'not one of your projects.'}", messages.WARNING
                )
