"""History is for reading, and reading personal fields is history too."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from audit import access, persons, seals
from audit.models import AccessRecord, Event, Pruning, Seal

COUNTED_MAX = 10_000  # rows that a list counts to, and pages through


class BoundedPaginator(Paginator[Any]):
    """Counting all of a growing table would take longer than reading it."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.order_by().values_list("pk", flat=True)[:COUNTED_MAX])


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    show_full_result_count = False
    paginator = BoundedPaginator
    actions: Any = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """For operators: admins of a project read what concerns it over the API, which knows what that is."""
        return bool(request.user.is_active and request.user.is_superuser)

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
    ordering = ["-id"]


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnlyAdmin):
    """The list shows nothing personal. One record does, and that is recorded as a read of personal data."""

    list_display = ["occurred_at", "channel", "actor", "method", "path", "status", "outcome", "code", "target", "count"]
    list_filter = ["channel", "outcome", "data_class", "status"]
    search_fields = ["=actor", "=request_id", "=target"]
    ordering = ["-id"]
    exclude = ["sealed", "person"]
    readonly_fields = ["ip", "user_agent", "whole_path", "query", "also"]
    show_facets = admin.ShowFacets.NEVER

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        access.of(request).reads_raw(f"access:{object_id}")
        return super().change_view(request, object_id, *args, **kwargs)

    @admin.display(description="address")
    def ip(self, record: AccessRecord) -> str:
        return str(_personal(record).get("ip", "-"))

    @admin.display
    def user_agent(self, record: AccessRecord) -> str:
        return str(_personal(record).get("user_agent", "-"))

    @admin.display(description="path as it was sent")
    def whole_path(self, record: AccessRecord) -> str:
        return str(_personal(record).get("path", "-"))

    @admin.display
    def query(self, record: AccessRecord) -> str:
        return str(_personal(record).get("query", "-"))

    @admin.display(description="what else was said")
    def also(self, record: AccessRecord) -> str:
        shown = {"ip", "user_agent", "path", "query"}
        return ", ".join(f"{name}: {text}" for name, text in _personal(record).items() if name not in shown) or "-"


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ["sealed_at", "chain", "number", "count", "month", "key_id"]
    list_filter = ["chain"]
    search_fields = ["=number"]
    ordering = ["-sealed_at"]
    exclude = ["root", "previous", "signature"]
    readonly_fields = ["statement"]

    @admin.display(description="what is signed")
    def statement(self, seal: Seal) -> str:
        return seals.statement(seal).decode()


@admin.register(Pruning)
class PruningAdmin(ReadOnlyAdmin):
    list_display = ["pruned_at", "chain", "month", "rows", "last_number"]
    exclude = ["signature"]
    ordering = ["-pruned_at"]


def _personal(record: AccessRecord) -> dict[str, Any]:
    """The fields of one record, read once; none when the person was forgotten."""
    if not hasattr(record, "personal"):
        record.personal = persons.opened([(record.pk, record.person, record.sealed)]).get(record.pk, {})  # type: ignore[attr-defined]
    return dict(record.personal)  # type: ignore[attr-defined]
