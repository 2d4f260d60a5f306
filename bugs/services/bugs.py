"""Every write to bugs: one transaction, events beside the change, `by` who did it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.actors import Principal
from audit.identifiers import uuid7
from bugs import events, lifecycle, policy, rollups
from bugs.choices import Resolution, Status
from bugs.models import Bug, Project, User
from bugs.selectors import people, rules
from bugs.services import bug_texts, comments, counting, custom_fields, indexing, rows, watchers

TEXTS = frozenset({"title", "description", "steps", "expected", "actual"})  # what search and filters look in
EDITABLE = TEXTS | {
    *("severity", "priority", "bug_type", "component", "environment", "release", "tags", "due_on", "custom"),
}
_MOVED = ("status", "resolution", "triaged_at", "resolved_at", "closed_at", "reopen_count")


class NotAMember(ValueError):
    """Bugs are assigned to people of their project."""


def member(project_id: UUID, username: str) -> User:
    """The person of that name in a project; raises NotAMember."""
    user = people.member_of(project_id, username)
    if user is None:
        raise NotAMember(username)
    return user


@transaction.atomic
def report(
    *,
    project_id: UUID,
    by: Principal,
    created_at: datetime | None = None,
    assignee: User | None = None,
    custom: Mapping[str, Any] | None = None,
    path: str = "",
    names: Collection[str] = (),
    **fields: Any,
) -> Bug:
    """File a new bug; its number follows the last one of its project. Personal data goes out of its texts.

    path: the file that an error came from. names: of those who told of it, to be taken out of the texts. Without an
    assignee the assignment rules of the project choose one.
    Raises policy.Refused, NotAMember or custom.BadValue.
    """
    policy.check(by, "bug.create", project_id)
    if assignee:
        policy.check(by, "bug.edit", project_id)
        _check_member(assignee, project_id)
    bug_id, given = uuid7(), {**fields, "custom": _first_values(project_id, custom or {})}
    columns = bug_texts.first(bug_id, project_id, given, user_id=by.user_id, names=names)
    owner_id = assignee.pk if assignee else rules.owner_of(project_id, columns.get("component", ""), path)
    now = timezone.now()
    bug = Bug.objects.create(
        id=bug_id,
        project_id=project_id,
        number=_take_number(project_id),
        reporter_id=by.user_id,
        assignee_id=owner_id,
        created_at=created_at or now,
        updated_at=now,
        **columns,
    )
    watchers.join(bug.pk, by.user_id, owner_id)
    indexing.reindex(bug.pk)
    counting.changed(project_id, rollups.NOTHING, rollups.facts(bug))
    events.bug_created(bug, by=by)
    if owner_id:
        events.assigned(bug, old=None, by=by)
    return bug


@transaction.atomic
def change_status(
    bug_id: UUID,
    *,
    to: Status,
    by: Principal,
    resolution: Resolution | None = None,
    notes: str = "",
    version: int | None = None,
) -> Bug:
    """Move a bug along its lifecycle; notes become a comment. Moving it to where it already is does nothing.

    Raises lifecycle.ForbiddenMove, lifecycle.MisplacedResolution, Merged, StaleVersion, policy.Refused or NotThere.
    """
    bug = rows.locked(bug_id, by=by, action="bug.edit", version=version)
    rows.check_not_merged(bug)
    asked = lifecycle.resolution_after(to, bug.resolution, resolution)
    if bug.status != to:
        _move(bug, to, asked, by=by)
    elif resolution and asked != bug.resolution:
        _resolve_otherwise(bug, asked, by=by)
    else:
        return bug
    if notes:
        comments.add(bug.pk, body=notes, by=by)
    return bug


@transaction.atomic
def regress(bug_id: UUID, *, by: Principal, release: str = "") -> bool:
    """Reopen a bug that was fixed and whose error came back; whether it was. Any other bug stays as it is."""
    try:
        bug = rows.locked(bug_id, by=by, action="bug.edit")
    except rows.NotThere:
        return False
    if bug.merged_into_id or not lifecycle.is_regression(bug.status, bug.resolution):
        return False
    old = bug.status
    _move(bug, Status.REOPENED, "", by=by)
    events.regressed(bug, old=old, release=release, by=by)
    return True


@transaction.atomic
def assign(bug_id: UUID, *, assignee: User | None, by: Principal, version: int | None = None) -> Bug:
    """Give a bug to a member of its project, or to nobody."""
    bug = rows.locked(bug_id, by=by, action="bug.edit", version=version)
    rows.check_not_merged(bug)
    if assignee:
        _check_member(assignee, bug.project_id)
    before, old, bug.assignee = rollups.facts(bug), bug.assignee_id, assignee
    if old == bug.assignee_id:
        return bug
    rows.save(bug, "assignee", before=before)
    watchers.join(bug.pk, bug.assignee_id)
    events.assigned(bug, old=old, by=by)
    return bug


@transaction.atomic
def edit(bug_id: UUID, *, changes: Mapping[str, Any], by: Principal, version: int | None = None) -> Bug:
    """Change what a bug says of itself; severity is an event of its own.

    Of `custom` only the named values change, and null takes one away. Personal data goes out of the texts.

    Raises custom.BadValue, Merged, StaleVersion, policy.Refused or NotThere.
    """
    if "custom" in changes and (project_id := custom_fields.project_of(bug_id)):
        custom_fields.hold([project_id])
    bug = rows.locked(bug_id, by=by, action="bug.edit", version=version)
    rows.check_not_merged(bug)
    wanted = {name: value for name, value in changes.items() if name in EDITABLE}
    if "custom" in wanted:
        wanted["custom"] = custom_fields.merged(bug.project_id, bug.custom, wanted["custom"])
    changed = [name for name, value in wanted.items() if getattr(bug, name) != value]
    if not changed:
        return bug
    before, old_severity = rollups.facts(bug), bug.severity
    columns = bug_texts.edited(bug, {name: wanted[name] for name in changed})
    for name, value in columns.items():
        setattr(bug, name, value)
    rows.save(bug, *columns, before=before)
    if TEXTS.intersection(columns):
        indexing.reindex(bug.pk)
    _say_edited(bug, changed, old_severity, by=by)
    return bug


@transaction.atomic
def delete(bug_id: UUID, *, by: Principal, version: int | None = None) -> None:
    """Take a bug out of every list; the row stays for history, and to be restored."""
    bug = rows.locked(bug_id, by=by, action="bug.delete", version=version)
    before = rollups.facts(bug)
    bug.deleted_at = timezone.now()
    rows.save(bug, "deleted_at", before=before)
    events.deleted(bug, by=by)


@transaction.atomic
def restore(bug_id: UUID, *, by: Principal) -> Bug:
    """Bring a deleted bug back as it was."""
    bug = rows.locked(bug_id, by=by, action="bug.restore", is_deleted=True)
    before = rollups.facts(bug)
    bug.deleted_at = None
    rows.save(bug, "deleted_at", before=before)
    events.restored(bug, by=by)
    return bug


def _move(bug: Bug, to: Status, resolution: str, *, by: Principal) -> None:
    lifecycle.check_move(Status(bug.status), to)
    before, old, now = rollups.facts(bug), bug.status, timezone.now()
    times = lifecycle.times_after(to, lifecycle.Times(bug.triaged_at, bug.resolved_at, bug.closed_at), now)
    bug.status, bug.resolution = to, resolution
    bug.triaged_at, bug.resolved_at, bug.closed_at = times.triaged_at, times.resolved_at, times.closed_at
    if to == Status.REOPENED:
        bug.reopen_count += 1
    rows.save(bug, *_MOVED, before=before)
    said_at = events.status_changed(bug, old=old, by=by)
    if to == Status.REOPENED:
        counting.reopened(bug, at=said_at)


def _resolve_otherwise(bug: Bug, resolution: str, *, by: Principal) -> None:
    before = rollups.facts(bug)
    bug.resolution = resolution
    rows.save(bug, "resolution", before=before)
    events.edited(bug, fields=["resolution"], by=by)


def _say_edited(bug: Bug, changed: list[str], old_severity: str, *, by: Principal) -> None:
    if "severity" in changed:
        events.severity_changed(bug, old=old_severity, by=by)
        if lifecycle.is_worse(bug.severity, old_severity):
            events.severity_escalated(bug, old=old_severity, by=by)
    if others := [name for name in changed if name != "severity"]:
        events.edited(bug, fields=others, by=by)


def _check_member(user: User, project_id: UUID) -> None:
    if not people.is_member(project_id, user):
        raise NotAMember(user.username)


def _first_values(project_id: UUID, custom: Mapping[str, Any]) -> dict[str, Any]:
    if not custom:
        return {}
    custom_fields.hold([project_id])
    return custom_fields.merged(project_id, {}, custom)


def _take_number(project_id: UUID) -> int:
    Project.objects.filter(pk=project_id).update(next_bug_number=F("next_bug_number") + 1)
    return Project.objects.values_list("next_bug_number", flat=True).get(pk=project_id) - 1
