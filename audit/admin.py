"""History is for reading."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.models import AccessRecord, Event


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["occurred_at", "type", "subject", "actor"]
    list_filter = ["type"]
    search_fields = ["=subject", "=actor"]
    ordering = ["-seq"]


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnlyAdmin):
    list_display = ["occurred_at", "channel", "actor", "method", "path", "status", "code", "duration_ms"]
    list_filter = ["channel", "status"]
    search_fields = ["=actor", "=request_id"]
    ordering = ["-id"]
