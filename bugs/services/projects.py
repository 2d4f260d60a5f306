"""Every write to a project that its admins do: what it says of itself, and who is in it."""

import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from audit.actors import Principal
from bugs import custom, error_settings, events, people, policy, sla
from bugs.choices import Role
from bugs.models import Bug, GroupRole, Membership, Project, User
from bugs.selectors import people as selectors
from bugs.services import custom_fields, rows


class UnknownTimeZone(ValueError):
    """Time zones have IANA names, like Europe/Zurich."""


class FieldInUse(Exception):
    """Bugs have values that a change of custom fields would make invalid; `name` is the field's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class UnknownUser(LookupError):
    """There is no such person, or not in this project."""


class NoOwnRole(Exception):
    """The person is in the project through groups alone."""


class AlreadyMember(Exception):
    """The person, or the group, has a role in the project."""


class UnknownGroup(LookupError):
    """Operators made no group of that name, or it has no role in this project."""


class LastAdmin(Exception):
    """A project keeps one admin at least."""


@transaction.atomic
def update(project_id: UUID, *, changes: Mapping[str, Any], by: Principal, version: int | None = None) -> Project:
    """Change name, time zone, custom fields, targets, or what is set for errors; each is given whole.

    Raises UnknownTimeZone, custom.BadDefinition, sla.BadTarget, error_settings.BadSetting, FieldInUse,
    rows.StaleVersion or policy.Refused.
    """
    policy.check(by, "project.manage", project_id)
    if "custom_fields" in changes:
        custom_fields.hold([project_id], exclusive=True)
    project = _locked(project_id)
    if version is not None and version != project.version:
        raise rows.StaleVersion(project_id)
    wanted = {name: _CHECKS[name](value) for name, value in changes.items()}
    changed = [name for name, value in wanted.items() if getattr(project, name) != value]
    if not changed:
        return project
    if "custom_fields" in changed:
        check_unused(project, wanted["custom_fields"])
    for name in changed:
        setattr(project, name, wanted[name])
    project.version += 1
    project.save(update_fields=[*changed, "version"])
    events.project_updated(project, fields=changed, by=by)
    return project


@transaction.atomic
def add_member(project_id: UUID, *, username: str, role: Role, by: Principal) -> Membership:
    """Give a person a first role in the project. Raises UnknownUser, AlreadyMember or policy.Refused."""
    policy.check(by, "project.manage", project_id)
    project = _locked(project_id)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownUser(username)
    if user.memberships.filter(project_id=project_id).exists():
        raise AlreadyMember(username)
    return people.join(project=project, user=user, role=role, by=by)


@transaction.atomic
def change_member(project_id: UUID, *, username: str, role: Role, by: Principal) -> Membership:
    """Give a member another role. Raises UnknownUser, NoOwnRole, LastAdmin or policy.Refused."""
    policy.check(by, "project.manage", project_id)
    project = _locked(project_id)
    membership = _membership(project_id, username)
    if membership.role == role:
        return membership
    _check_other_admin(membership)
    return people.join(project=project, user=membership.user, role=role, by=by)


@transaction.atomic
def remove_member(project_id: UUID, *, username: str, by: Principal) -> None:
    """Take a person's own role away; bugs stay theirs, and roles through groups.

    Raises UnknownUser, NoOwnRole, LastAdmin or policy.Refused.
    """
    policy.check(by, "project.manage", project_id)
    _locked(project_id)
    membership = _membership(project_id, username)
    _check_other_admin(membership)
    people.leave(membership=membership, by=by)


@transaction.atomic
def add_group(project_id: UUID, *, name: str, role: Role, by: Principal) -> GroupRole:
    """Give the people of a group a role in the project. Raises UnknownGroup, AlreadyMember or policy.Refused."""
    policy.check(by, "project.manage", project_id)
    project = _locked(project_id)
    group = Group.objects.filter(name=name).first()
    if group is None:
        raise UnknownGroup(name)
    if selectors.group_roles_of(project_id).filter(group=group).exists():
        raise AlreadyMember(name)
    return people.join_as_group(project=project, group=group, role=role, by=by)


@transaction.atomic
def change_group(project_id: UUID, group_role_id: UUID, *, role: Role, by: Principal) -> GroupRole:
    """Give a group another role. Raises UnknownGroup, LastAdmin or policy.Refused."""
    policy.check(by, "project.manage", project_id)
    project = _locked(project_id)
    given = _group_role(project_id, group_role_id)
    if given.role == role:
        return given
    _check_other_admin(given)
    return people.join_as_group(project=project, group=given.group, role=role, by=by)


@transaction.atomic
def remove_group(project_id: UUID, group_role_id: UUID, *, by: Principal) -> None:
    """Take a group's role away. Raises UnknownGroup, LastAdmin or policy.Refused."""
    policy.check(by, "project.manage", project_id)
    _locked(project_id)
    given = _group_role(project_id, group_role_id)
    _check_other_admin(given)
    people.leave_as_group(given, by=by)


def _group_role(project_id: UUID, group_role_id: UUID) -> GroupRole:
    found = selectors.group_roles_of(project_id).filter(pk=group_role_id).select_related("group").first()
    if found is None:
        raise UnknownGroup(group_role_id)
    return found


def _locked(project_id: UUID) -> Project:
    return Project.objects.select_for_update(no_key=True).get(pk=project_id)


def _membership(project_id: UUID, username: str) -> Membership:
    found = Membership.objects.filter(project_id=project_id, user__username=username).select_related("user").first()
    if found is None:
        raise NoOwnRole(username) if selectors.member_of(project_id, username) else UnknownUser(username)
    return found


def _check_other_admin(given: Membership | GroupRole) -> None:
    if given.role == Role.ADMIN and not selectors.has_admin(given.project_id, without=given):
        raise LastAdmin(given.project_id)


def check_unused(project: Project, definitions: custom.Definitions) -> None:
    """Raises FieldInUse when values of bugs would not fit the new definitions."""
    bugs = Bug.objects.filter(project=project)  # deleted ones too: they can come back
    for name, choices in custom.lost(project.custom_fields, definitions).items():
        used = Q(custom__has_key=name) if choices is None else Q()
        for choice in choices or ():
            used |= Q(custom__contains={name: choice})
        if bugs.filter(used).exists():
            raise FieldInUse(name)


def time_zone(name: str) -> str:
    """The name, when there is a time zone of that name; raises UnknownTimeZone."""
    if name not in zoneinfo.available_timezones():
        raise UnknownTimeZone(name)
    return name


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": str,
    "time_zone": time_zone,
    "custom_fields": custom.check_definitions,
    "sla": sla.check,
    "bugs_from": error_settings.bugs_from,
    "attaches_similar": error_settings.attaches_similar,
    "events_per_minute": error_settings.events_per_minute,
    "retention_days": error_settings.retention_days,
}
