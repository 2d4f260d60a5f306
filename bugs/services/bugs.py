"""Every write to bugs: one transaction, one event beside the change, `by` who did it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.actors import Principal
from bugs import events, lifecycle, policy
from bugs.choices import Resolution, Status
from bugs.models import Bug, Project, User

EDITABLE = frozenset({"title", "description", "severity", "bug_type", "component", "environment", "release", "tags"})


class NotThere(LookupError):
    """Missing, or not this principal's to know of."""


class StaleVersion(Exception):
    """Somebody else changed the bug since it was read."""


class NotAMember(ValueError):
    """Bugs are assigned to people of their project."""


@transaction.atomic
def report(*, project_id: UUID, by: Principal, created_at: datetime | None = None, **fields: Any) -> Bug:
    """File a new bug; its number follows the last one of its project."""
    policy.check(by, "bug.create", project_id)
    number = _take_number(project_id)
    now = timezone.now()
    bug = Bug.objects.create(
        project_id=project_id,
        number=number,
        reporter_id=by.user_id,
        created_at=created_at or now,
        updated_at=now,
        **fields,
    )
    events.bug_created(bug, by=by)
    return bug


@transaction.atomic
def change_status(
    bug_id: UUID,
    *,
    to: Status,
    by: Principal,
    resolution: Resolution | None = None,
    version: int | None = None,
) -> Bug:
    """Move a bug along its lifecycle. Moving it to where it already is does nothing.

    Raises lifecycle.ForbiddenMove, StaleVersion, policy.Refused or NotThere.
    """
    bug = _locked(bug_id, by=by, action="bug.edit", version=version)
    if bug.status == to:
        return bug
    lifecycle.check_move(Status(bug.status), to)
    old, bug.status = bug.status, to
    bug.resolution = lifecycle.resolution_after(to, bug.resolution, resolution)
    bug.resolved_at = None if to in lifecycle.OPEN else bug.resolved_at or timezone.now()
    _save(bug, "status", "resolution", "resolved_at")
    events.status_changed(bug, old=old, by=by)
    return bug


@transaction.atomic
def assign(bug_id: UUID, *, assignee: User | None, by: Principal, version: int | None = None) -> Bug:
    """Give a bug to a member of its project, or to nobody."""
    bug = _locked(bug_id, by=by, action="bug.edit", version=version)
    if assignee and not assignee.memberships.filter(project_id=bug.project_id).exists():
        raise NotAMember(assignee.username)
    old, bug.assignee = bug.assignee_id, assignee
    if old == bug.assignee_id:
        return bug
    _save(bug, "assignee")
    events.assigned(bug, old=old, by=by)
    return bug


@transaction.atomic
def edit(bug_id: UUID, *, changes: Mapping[str, Any], by: Principal, version: int | None = None) -> Bug:
    """Change what a bug says of itself; severity is an event of its own."""
    bug = _locked(bug_id, by=by, action="bug.edit", version=version)
    changed = [name for name, value in changes.items() if name in EDITABLE and getattr(bug, name) != value]
    if not changed:
        return bug
    old_severity = bug.severity
    for name in changed:
        setattr(bug, name, changes[name])
    _save(bug, *changed)
    if "severity" in changed:
        events.severity_changed(bug, old=old_severity, by=by)
    if others := [name for name in changed if name != "severity"]:
        events.edited(bug, fields=others, by=by)
    return bug


@transaction.atomic
def delete(bug_id: UUID, *, by: Principal, version: int | None = None) -> None:
    """Take a bug out of every list; the row stays for history."""
    bug = _locked(bug_id, by=by, action="bug.delete", version=version)
    bug.deleted_at = timezone.now()
    _save(bug, "deleted_at")
    events.deleted(bug, by=by)


def _take_number(project_id: UUID) -> int:
    Project.objects.filter(pk=project_id).update(next_bug_number=F("next_bug_number") + 1)
    return Project.objects.values_list("next_bug_number", flat=True).get(pk=project_id) - 1


def _locked(bug_id: UUID, *, by: Principal, action: str, version: int | None) -> Bug:
    bug = Bug.objects.select_for_update().defer("words", "stems").filter(pk=bug_id, deleted_at__isnull=True).first()
    if bug is None or (by.label != "system" and not policy.allows(by, "bug.read", bug.project_id)):
        raise NotThere(bug_id)
    policy.check(by, action, bug.project_id)
    if version is not None and version != bug.version:
        raise StaleVersion(bug_id)
    return bug


def _save(bug: Bug, *fields: str) -> None:
    bug.version += 1
    bug.updated_at = timezone.now()
    bug.save(update_fields=[*fields, "version", "updated_at"])
