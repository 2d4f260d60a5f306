"""Bugs for operators: read here, changed through services."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from audit.actors import Principal
from bugs import custom, lifecycle, policy, query, selectors, services
from bugs.admin import gating
from bugs.admin.gating import BY_PROJECT, Gated
from bugs.choices import Resolution, Status
from bugs.models import Bug

_TOLD = ("number", "version", "error_count", "user_count", "comment_count", "attachment_count", "reopen_count")
_TIMES = ("created_at", "updated_at", "triaged_at", "resolved_at", "closed_at", "deleted_at")


class BugForm(forms.ModelForm[Bug]):
    """Everything that services would refuse is said beside its field."""

    class Meta:
        model = Bug
        fields = [
            *("title", "description", "steps", "expected", "actual", "severity", "priority", "bug_type"),
            *("component", "environment", "release", "tags", "custom", "due_on", "status", "resolution", "assignee"),
        ]

    def clean_custom(self) -> Any:
        values = self.cleaned_data["custom"] or {}
        try:
            return custom.merged(self.instance.project.custom_fields, {}, values)
        except custom.BadValue as error:
            raise forms.ValidationError(f"{error.name}: {error}") from None

    def clean_tags(self) -> Any:
        return self.cleaned_data["tags"] or {}

    def clean_assignee(self) -> Any:
        assignee = self.cleaned_data["assignee"]
        if assignee and not selectors.is_member(self.instance.project_id, assignee):
            raise forms.ValidationError("Bugs are assigned to members of their project.")
        return assignee

    def clean(self) -> Any:
        values = super().clean() or self.cleaned_data
        old, new = Status(self.initial["status"]), Status(values.get("status", self.initial["status"]))
        try:
            if new != old:
                lifecycle.check_move(old, new)
            lifecycle.resolution_after(new, "", self.asked)
        except (lifecycle.ForbiddenMove, lifecycle.MisplacedResolution) as error:
            self.add_error("status", str(error))
        return values

    @property
    def asked(self) -> Resolution | None:
        """The resolution that was chosen; the one that a bug has already is none."""
        chosen = self.cleaned_data.get("resolution")
        return Resolution(chosen) if chosen and "resolution" in self.changed_data else None


@admin.register(Bug)
class BugAdmin(Gated, admin.ModelAdmin[Bug]):
    sees, changes = "bug.read", "bug.edit"
    form = BugForm
    list_display = ["__str__", "project", "number", "status", "severity", "assignee", "error_count", "created_at"]
    list_filter = [BY_PROJECT, "status", "severity", ("deleted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["project", "assignee"]
    search_fields = ["number"]  # shows the box; what it takes is the filter language
    search_help_text = "The filter language: is:open severity:>=high checkout"
    autocomplete_fields = ["assignee"]
    readonly_fields = [*_TOLD, *_TIMES]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    actions = ["take_out", "bring_back"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bug]:
        return super().get_queryset(request).defer("words", "stems")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Bug], search_term: str
    ) -> tuple[QuerySet[Bug], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return query.apply(queryset, search_term, principal=gating.principal(request)), False
        except query.BadQuery as error:
            self.message_user(request, str(error), messages.WARNING)
            return queryset.none(), False

    def gate(self, by: Principal) -> Q:
        deleted = Q(deleted_at__isnull=True) | Q(project__in=policy.projects(by, "bug.restore"))
        return super().gate(by) & deleted

    def has_change_permission(self, request: HttpRequest, obj: Bug | None = None) -> bool:
        stays = obj and (obj.merged_into_id or obj.deleted_at)
        return not stays and super().has_change_permission(request, obj)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Bug, form: Any, change: bool) -> None:
        by = gating.principal(request)
        values, changed = form.cleaned_data, set(form.changed_data)
        edits = {name: values[name] for name in services.EDITABLE & changed}
        if "custom" in edits:
            edits["custom"] = {**dict.fromkeys(form.initial["custom"]), **edits["custom"]}
        services.edit(obj.pk, changes=edits, by=by)
        if changed & {"status", "resolution"}:
            services.change_status(obj.pk, to=Status(values["status"]), resolution=form.asked, by=by)
        if "assignee" in changed:
            services.assign(obj.pk, assignee=values["assignee"], by=by)

    @admin.action(description="Delete, to be restored when needed", permissions=["change"])
    def take_out(self, request: HttpRequest, bugs: QuerySet[Bug]) -> None:
        self._each(request, bugs.filter(deleted_at__isnull=True), services.delete)

    @admin.action(description="Restore", permissions=["change"])
    def bring_back(self, request: HttpRequest, bugs: QuerySet[Bug]) -> None:
        self._each(request, bugs.filter(deleted_at__isnull=False), services.restore)

    def _each(self, request: HttpRequest, bugs: QuerySet[Bug], change: Callable[..., Any]) -> None:
        by = gating.principal(request)
        ids: list[UUID] = sorted(bugs.values_list("pk", flat=True))
        for bug_id in ids:
            try:
                change(bug_id, by=by)
            except (services.NotThere, policy.Refused) as error:
                self.message_user(request, f"{bug_id}: {error}", messages.WARNING)
