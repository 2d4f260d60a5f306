"""Reads of releases and of sessions."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import CodeChange, Release, Session

CHANGES_MAX = 500
SESSION_FIELDS = (
    *("id", "key", "user_key", "state", "environment", "release", "errors", "started_at", "last_seen_at"),
)


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
    return releases.order_by("-created_at", "-id").values_list("pk", flat=True).first()


def changes_of(release_id: UUID) -> list[dict[str, Any]]:
    """The commits of a release that a gate let through, the newest first."""
    changes = CodeChange.objects.filter(release_id=release_id).order_by(F("committed_at").desc(nulls_last=True), "-id")
    return [dict(row) for row in changes.values("commit", "message", "author", "files", "committed_at")[:CHANGES_MAX]]


def sessions_for(principal: Principal, project: str = "") -> QuerySet[Session, Any]:
    """The gate: sessions of projects whose errors this principal may read."""
    sessions = Session.objects.filter(project_id__in=policy.projects(principal, "error.read"))
    return sessions.filter(project__key=project) if project else sessions


def find_session(principal: Principal, name: str, project: str = "") -> dict[str, Any] | None:
    """A session by id, or by what its SDK calls it: the one seen last where several projects have one."""
    if "\x00" in name:
        return None
    sessions = sessions_for(principal, project)
    named = Q(key=name)
    if identifier := as_uuid(name):
        named |= Q(pk=identifier)
    found = sessions.filter(named).order_by("-last_seen_at").values("project_id", *SESSION_FIELDS).first()
    return dict(found) if found else None


def sessions_of(project_id: UUID, keys: Collection[str]) -> list[dict[str, Any]]:
    """Sessions of one project, which a gate let through, by what SDKs call them."""
    return list(Session.objects.filter(project_id=project_id, key__in=keys).values(*SESSION_FIELDS))


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
