"""The one policy in the console: who is no operator sees and does there what their roles allow, and no more.

Staff are let in by `is_staff`; Django's own permissions open none of our pages. A row that is not theirs is missing.
"""

from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from audit import access
from audit.actors import Principal
from bugs import policy, selectors

NOBODY = Principal(label="anonymous")


def principal(request: HttpRequest) -> Principal:
    """Who is looking, asked for once in a request."""
    known = getattr(request, "console_principal", None)
    if known is None:
        known = selectors.principal_of(request.user) if request.user.is_authenticated else NOBODY
        request.console_principal = known  # type: ignore[attr-defined]
        access.of(request).principal = known if request.user.is_authenticated else None
    return cast(Principal, known)


def is_operator(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


class Gated:
    """For admins and inlines of rows that belong to a project.

    project_path: from the row to its project. sees, changes: actions of the policy; empty is for nobody.
    """

    project_path = "project"
    sees = ""
    changes = ""

    def gate(self, by: Principal) -> Q:
        """The rows that this principal may see."""
        return Q(**{f"{self.project_path}__in": policy.projects(by, self.sees)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)  # type: ignore[misc]
        return cast(QuerySet[Any], rows if is_operator(request) else rows.filter(self.gate(principal(request))))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found is not None and (project_id := self.project_of(found)):
            access.touched(project_id)
        return found

    def project_of(self, row: Any) -> UUID | None:
        """The project of a row; None when it has several or none."""
        *way, last = self.project_path.split("__")
        for name in way:
            row = getattr(row, name)
        return cast(UUID, row.pk if last == "pk" else getattr(row, f"{last}_id"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.sees)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows came through the gate already."""
        return self.may(request, self.sees)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.changes, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may(self, request: HttpRequest, action: str, row: Any = None) -> bool:
        if not action or is_operator(request):
            return bool(action)
        by = principal(request)
        if row is None:
            return bool(policy.projects(by, action))
        project_id = self.project_of(row)
        return project_id is not None and policy.allows(by, action, project_id)


class Operators:
    """For admins of what belongs to the server, not to a project."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_operator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Sensitive:
    """For pages where roles and authenticators are changed: they ask for a code when the last one is a while ago."""

    def changeform_view(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if cast(Any, self).has_change_permission(request) and not is_fresh(self, request):
            return ask_again(self, request)
        return cast(HttpResponse, super().changeform_view(request, *args, **named))  # type: ignore[misc]


def is_fresh(page: Any, request: HttpRequest) -> bool:
    return bool(page.admin_site.is_fresh(request))


def ask_again(page: Any, request: HttpRequest) -> HttpResponse:
    return cast(HttpResponse, page.admin_site.ask_again(request))


class OwnProjects(admin.RelatedFieldListFilter):
    """The filter of a list by project names only projects that the person sees."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = super().field_choices(field, request, model_admin)
        if is_operator(request):
            return choices
        mine = {str(project_id) for project_id in principal(request).roles}
        return [choice for choice in choices if str(choice[0]) in mine]


BY_PROJECT = ("project", OwnProjects)
