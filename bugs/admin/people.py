"""People and groups, for operators."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from bugs import people
from bugs.admin import gating
from bugs.admin.gating import Operators, Sensitive
from bugs.choices import Role
from bugs.models import GroupRole, User
from bugs.selectors.people import people_of
from bugs.services import authenticators


@admin.register(User)
class UserAdmin(Sensitive, Operators, DjangoUserAdmin[User]):
    """Nobody is deleted here: who has left is inactive, and who is to be forgotten is erased."""

    list_display = ["username", "email", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        (
            "Access",
            {
                "fields": ["is_active", "is_staff", "is_superuser", "groups"],
                "description": "Staff may enter this console, and see what their roles in projects allow. Superusers "
                "are operators: they see and do everything.",
            },
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    filter_horizontal = ["groups"]
    readonly_fields = ["last_login", "date_joined"]
    actions = ["reset_authenticator"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Staff choose people from those in their projects."""
        rows = super().get_queryset(request)
        return rows if gating.is_operator(request) else rows & people_of(*gating.principal(request).roles)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return gating.is_operator(request) or _is_choosing(request)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The last step of saving: groups are there as well."""
        super().save_related(request, form, formsets, change)
        fields = form.changed_data if change else ["username", "password"]
        people.say_changed(form.instance, fields=fields, by=gating.principal(request))

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if not gating.is_fresh(self, request):
            return gating.ask_again(self, request)
        before = User.objects.filter(pk=id).values_list("password", flat=True).first()
        response: HttpResponse = super().user_change_password(request, id, form_url)
        user = User.objects.filter(pk=id).first()
        if user and user.password != before:
            people.say_changed(user, fields=["password"], by=gating.principal(request))
        return response

    @admin.action(description="Reset the authenticator (the phone is lost)")
    def reset_authenticator(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        if not gating.is_fresh(self, request):
            return gating.ask_again(self, request)
        for user in users:
            authenticators.reset(user, by=gating.principal(request))
        messages.success(request, "Their next visit enrols a new one, and all their sessions are over.")
        return None


def _is_choosing(request: HttpRequest) -> bool:
    """A field that offers people asks for names, and gets no more than those."""
    match = request.resolver_match
    return bool(match and match.url_name == "autocomplete" and gating.principal(request).roles)


class PersonInline(Operators, admin.TabularInline[Any, Group]):
    model = User.groups.through
    verbose_name, verbose_name_plural = "person", "people"
    autocomplete_fields = ["user"]
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return gating.is_operator(request)


class ProjectRoleInline(Operators, admin.TabularInline[GroupRole, Group]):
    model = GroupRole
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return gating.is_operator(request)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(Sensitive, Operators, DjangoGroupAdmin):
    fields = ["name"]
    filter_horizontal = []
    inlines = [PersonInline, ProjectRoleInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return gating.is_operator(request)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        people.disband(obj, by=gating.principal(request))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        for group in queryset:
            people.disband(group, by=gating.principal(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        by = gating.principal(request)
        changed = formset.save(commit=False)
        for row in formset.deleted_objects:
            _undo(row, by)
        for row in changed:
            if isinstance(row, GroupRole):
                people.join_as_group(project=row.project, group=form.instance, role=Role(row.role), by=by)
            else:
                people.enter(form.instance, row.user, by=by)


def _undo(row: Any, by: Any) -> None:
    if isinstance(row, GroupRole):
        people.leave_as_group(row, by=by)
    else:
        people.step_out(row.group, row.user, by=by)
