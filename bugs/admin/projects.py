"""Projects, their members and the keys of their SDKs, for operators."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from bugs import custom, error_settings, people, policy, sla
from bugs.admin import gating
from bugs.admin.gating import Gated, Sensitive
from bugs.choices import Role
from bugs.models import GroupRole, IngestKey, Membership, Project
from bugs.services import projects

KEY = r"[A-Z][A-Z0-9_]{1,9}"
CHANGED = ("time_zone", "custom_fields", "sla", *error_settings.FIELDS)


class ProjectForm(forms.ModelForm[Project]):
    """Everything that services would refuse is said beside its field."""

    key = forms.RegexField(f"^{KEY}$", help_text="Capital letters and digits; references begin with it (WEB-42).")

    class Meta:
        model = Project
        fields = ["key", "name", *CHANGED]

    def clean_time_zone(self) -> str:
        try:
            return projects.time_zone(self.cleaned_data["time_zone"])
        except projects.UnknownTimeZone:
            raise forms.ValidationError("There is no such time zone; they have names like Europe/Zurich.") from None

    def clean_custom_fields(self) -> Any:
        try:
            definitions = custom.check_definitions(self.cleaned_data["custom_fields"] or {})
            if not self.instance._state.adding:
                projects.check_unused(Project.objects.get(pk=self.instance.pk), definitions)
        except custom.BadDefinition as error:
            raise forms.ValidationError(f"{error.pointer} {error}") from None
        except projects.FieldInUse as error:
            raise forms.ValidationError(f"Bugs have values of {error.name} that would not fit.") from None
        return definitions

    def clean_sla(self) -> Any:
        try:
            return sla.check(self.cleaned_data["sla"] or {})
        except sla.BadTarget as error:
            raise forms.ValidationError(f"{error.pointer} {error}") from None

    def clean_events_per_minute(self) -> int | None:
        return self._bounded("events_per_minute", error_settings.events_per_minute)

    def clean_retention_days(self) -> int | None:
        return self._bounded("retention_days", error_settings.retention_days)

    def _bounded(self, name: str, check: Callable[[Any], int | None]) -> int | None:
        try:
            return check(self.cleaned_data[name])
        except error_settings.BadSetting as error:
            raise forms.ValidationError(str(error)) from None


class OfProject(Gated):
    """A part of a project's page: who runs the project changes it."""

    project_path, sees, changes = "pk", "project.read", "project.manage"
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The page has found its project already."""
        return super(Gated, self).get_queryset(request)  # type: ignore[misc, no-any-return]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.changes, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.changes, obj)


class MembershipInline(OfProject, admin.TabularInline[Membership, Project]):
    model = Membership
    autocomplete_fields = ["user"]


class GroupRoleInline(OfProject, admin.TabularInline[GroupRole, Project]):
    model = GroupRole


class IngestKeyInline(OfProject, admin.TabularInline[IngestKey, Project]):
    model = IngestKey
    readonly_fields = ["public_key"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A new key has nothing to fill in: it is made by an action of the list."""
        return False


@admin.register(Project)
class ProjectAdmin(Sensitive, Gated, admin.ModelAdmin[Project]):
    project_path, sees, changes = "pk", "project.read", "project.manage"
    form = ProjectForm
    list_display = ["key", "name", "number", "time_zone"]
    actions = ["add_key"]

    def get_fields(self, request: HttpRequest, obj: Project | None = None) -> Any:
        """A new project gets its name and key; the rest is there to be changed."""
        return ["key", "name", *(CHANGED if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Project | None = None) -> list[str]:
        return ["key"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Project | None) -> list[Any]:
        return [MembershipInline, GroupRoleInline, IngestKeyInline] if obj else []

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return gating.is_operator(request)

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        by = gating.principal(request)
        values = form.cleaned_data
        if change:
            projects.update(obj.pk, changes={name: values[name] for name in form.changed_data}, by=by)
        else:
            made = people.make_project(key=values["key"], name=values["name"], by=by)
            obj.pk, obj._state.adding = made.pk, False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        by = gating.principal(request)
        changed = formset.save(commit=False)
        for gone in formset.deleted_objects:
            if isinstance(gone, Membership):
                people.leave(membership=gone, by=by)
            else:
                people.leave_as_group(gone, by=by)
        for row in changed:
            if isinstance(row, Membership):
                people.join(project=form.instance, user=row.user, role=Role(row.role), by=by)
            elif isinstance(row, GroupRole):
                people.join_as_group(project=form.instance, group=row.group, role=Role(row.role), by=by)
            else:
                people.switch_key(row, is_active=row.is_active, by=by)

    @admin.action(description="Make one more key for SDKs", permissions=["change"])
    def add_key(self, request: HttpRequest, rows: QuerySet[Project]) -> None:
        by = gating.principal(request)
        for project in rows:
            if policy.allows(by, "project.manage", project.pk):
                people.add_key(project=project, by=by)
