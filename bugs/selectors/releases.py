"""Reads of releases and of what changed in them."""

from typing import Any, cast
from uuid import UUID

from django.db.models import F, Q, QuerySet

from audit import access
from audit.actors import Principal
from bugs import policy
from bugs.models import CodeChange, Release
from bugs.selectors.sessions import as_uuid

CHANGES_MAX = 500
RELEASE_FIELDS = ("id", "version", "commit", "created_at", "released_at")
CHANGE_FIELDS = ("commit", "message", "author", "files", "committed_at")


def releases_for(principal: Principal, project: str = "") -> QuerySet[Release, Any]:
    """The gate: releases of projects whose errors this principal may read."""
    releases = Release.objects.filter(project_id__in=policy.projects(principal, "error.read"))
    return releases.filter(project__key=project) if project else releases


def find_release(principal: Principal, name: str, project: str = "") -> UUID | None:
    """A release by id, or by version: the newest of that name where several projects have one."""
    if "\x00" in name:  # no text of PostgreSQL's
        return None
    named = Q(version=name)
    if identifier := as_uuid(name):
        named |= Q(pk=identifier)
    releases = releases_for(principal, project).filter(named)
    return cast("UUID | None", access.first(releases.order_by("-created_at", "-id"), "release"))


def documents(releases: QuerySet[Release, Any]) -> list[dict[str, Any]]:
    """Releases that a gate let through, in their order; `project_id` is for us."""
    rows = releases.values("project_id", *RELEASE_FIELDS, project_key=F("project__key"))
    return [{"project": row.pop("project_key"), **row} for row in rows]


def changes_of(release_id: UUID) -> list[dict[str, Any]]:
    """The commits of a release that a gate let through, the newest first."""
    changes = CodeChange.objects.filter(release_id=release_id).order_by(F("committed_at").desc(nulls_last=True), "-id")
    return [dict(row) for row in changes.values(*CHANGE_FIELDS)[:CHANGES_MAX]]
