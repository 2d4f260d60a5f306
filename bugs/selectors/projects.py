"""Reads of projects."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audit import access
from audit.actors import Principal
from bugs import error_settings, policy
from bugs.choices import Role
from bugs.models import Project

PROJECT_FIELDS = ("id", "key", "name", "number", "time_zone", "custom_fields", "sla", "version", "created_at")


def projects_for(principal: Principal) -> QuerySet[Project]:
    """The gate: the projects this principal may see, and no others."""
    return Project.objects.filter(pk__in=list(policy.projects(principal, "project.read")))


def find(principal: Principal, key: str) -> UUID | None:
    """The id of the project with that key, when the principal may see it."""
    found = projects_for(principal).filter(key=key).values_list("pk", flat=True).first()
    if found:
        access.touched(found)
    return found


def documents(projects: QuerySet[Project], principal: Principal) -> list[dict[str, Any]]:
    """Projects of a gated queryset in its order, each with what the principal is in it."""
    rows = projects.values(*PROJECT_FIELDS, *error_settings.FIELDS)
    return [{**_document(row), **_roles(principal, row["id"])} for row in rows]


def _roles(principal: Principal, project_id: UUID) -> dict[str, Any]:
    """All that the principal is there, and the last of them in the order of `Role`."""
    roles = [role for role in Role.values if role in principal.roles_in(project_id)]
    return {"role": roles[-1], "roles": roles}


def _document(row: dict[str, Any]) -> dict[str, Any]:
    """With what is set for errors in an object of its own."""
    shown = {name: row[name] for name in PROJECT_FIELDS}
    return {**shown, "errors": {name: row[name] for name in error_settings.FIELDS}}
