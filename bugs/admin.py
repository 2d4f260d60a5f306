"""What operators own: people, projects, and their keys. Bugs are read here and changed through services."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from audit.actors import Principal
from bugs import lifecycle, selectors, services
from bugs.choices import Status
from bugs.models import Bug, ErrorGroup, IngestKey, Membership, Project, User

admin.site.site_header = "Bugwire operations"
admin.site.site_title = "Bugwire"
admin.site.register(User, UserAdmin)


class MembershipInline(admin.TabularInline[Membership, Project]):
    model = Membership
    extra = 0


class IngestKeyInline(admin.TabularInline[IngestKey, Project]):
    model = IngestKey
    extra = 0
    readonly_fields = ["public_key"]


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin[Project]):
    list_display = ["key", "name", "number", "time_zone"]
    inlines = [MembershipInline, IngestKeyInline]


class BugForm(forms.ModelForm[Bug]):
    class Meta:
        model = Bug
        fields = ["title", "description", "severity", "bug_type", "component", "status", "assignee"]

    def clean_status(self) -> str:
        new = Status(self.cleaned_data["status"])
        old = Status(self.initial["status"])
        if new != old:
            try:
                lifecycle.check_move(old, new)
            except lifecycle.ForbiddenMove as error:
                raise forms.ValidationError(str(error)) from None
        return new


@admin.register(Bug)
class BugAdmin(admin.ModelAdmin[Bug]):
    form = BugForm
    list_display = ["__str__", "project", "number", "status", "severity", "error_count", "created_at"]
    list_filter = ["project", "status", "severity"]
    search_fields = ["title"]
    ordering = ["-created_at"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Bug | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Bug, form: Any, change: bool) -> None:
        by = _operator(request)
        values = form.cleaned_data
        services.edit(obj.pk, changes={name: values[name] for name in services.EDITABLE & values.keys()}, by=by)
        services.change_status(obj.pk, to=Status(values["status"]), by=by)
        services.assign(obj.pk, assignee=values["assignee"], by=by)


@admin.register(ErrorGroup)
class ErrorGroupAdmin(admin.ModelAdmin[ErrorGroup]):
    list_display = ["title", "project", "level", "reports", "last_seen_at"]
    list_filter = ["project", "level"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ErrorGroup | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ErrorGroup | None = None) -> bool:
        return False


def _operator(request: HttpRequest) -> Principal:
    user: Any = request.user
    return Principal(label=f"user:{user.pk}", name=user.get_username(), user_id=user.pk, roles=selectors.roles_of(user))
