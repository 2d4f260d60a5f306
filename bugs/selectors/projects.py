"""Reads of projects, and of the people in them."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from audit.actors import Principal
from bugs import error_settings, policy
from bugs.models import Membership, Project

PROJECT_FIELDS = ("id", "key", "name", "number", "time_zone", "custom_fields", "sla", "version", "created_at")


def projects_for(principal: Principal) -> QuerySet[Project]:
    """The gate: the projects this principal may see, and no others."""
    return Project.objects.filter(pk__in=list(policy.projects(principal, "project.read")))


def find(principal: Principal, key: str) -> UUID | None:
    """The id of the project with that key, when the principal may see it."""
    return projects_for(principal).filter(key=key).values_list("pk", flat=True).first()


def documents(projects: QuerySet[Project], principal: Principal) -> list[dict[str, Any]]:
    """Projects of a gated queryset in its order, each with what the principal is in it."""
    rows = projects.values(*PROJECT_FIELDS, *error_settings.FIELDS)
    return [{**_document(row), "role": principal.role_in(row["id"])} for row in rows]


def _document(row: dict[str, Any]) -> dict[str, Any]:
    """With what is set for errors in an object of its own."""
    shown = {name: row[name] for name in PROJECT_FIELDS}
    return {**shown, "errors": {name: row[name] for name in error_settings.FIELDS}}


def members_of(project_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.filter(project_id=project_id)


def member_rows(members: QuerySet[Membership]) -> list[dict[str, Any]]:
    return [dict(row) for row in members.values("role", username=F("user__username"))]
