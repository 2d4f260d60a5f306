"""Who someone is: a person as the one who acts, and what they are in projects, by themselves and through groups."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet

from audit.actors import NO_ROLE, Principal
from bugs.choices import Role
from bugs.models import GroupRole, Membership, Project, User
from config.postgres import arrays

_ADMIN = frozenset({"admin"})
Roles = dict[UUID, frozenset[str]]


def principal_of(user: Any, roles: Roles | None = None) -> Principal:
    """A signed-in person as the one who acts: all permissions, as far as their roles go. roles: when they are known."""
    return Principal(
        label=f"user:{user.pk}",
        name=user.get_username(),
        user_id=user.pk,
        roles=roles_of(user) if roles is None else roles,
        is_operator=user.is_superuser,
    )


def roles_of(user: User) -> Roles:
    """Roles per project, in one statement: what one of them allows is allowed. Operators are admin everywhere."""
    if user.is_superuser:
        return dict.fromkeys(Project.objects.values_list("pk", flat=True), _ADMIN)
    own = Membership.objects.filter(user=user).values_list("project_id", "role")
    through = GroupRole.objects.filter(group__user=user).values_list("project_id", "role")
    roles: Roles = {}
    for project_id, role in own.union(through):
        roles[project_id] = roles.get(project_id, NO_ROLE) | {role}
    return roles


def roles_of_all(users: Iterable[User]) -> dict[int, Roles]:
    """The same of many people, by their ids, in as few statements."""
    is_operator = {user.pk: user.is_superuser for user in users}
    found: dict[int, Roles] = {user_id: {} for user_id in is_operator}
    operators = {user_id for user_id, yes in is_operator.items() if yes}
    if operators:
        everything = dict.fromkeys(Project.objects.values_list("pk", flat=True), _ADMIN)
        found |= dict.fromkeys(operators, everything)
    others = arrays.one_of(found.keys() - operators, "bigint")
    own = Membership.objects.filter(user__in=others).values_list("user_id", "project_id", "role")
    through = GroupRole.objects.filter(group__user__in=others).values_list("group__user", "project_id", "role")
    for user_id, project_id, role in own.union(through):
        found[user_id][project_id] = found[user_id].get(project_id, NO_ROLE) | {role}
    return found


def people_of(*project_ids: UUID) -> QuerySet[User]:
    """Who is in one of these projects, by themselves or through a group."""
    own = Membership.objects.filter(project__in=project_ids).values_list("user_id")
    through = GroupRole.objects.filter(project__in=project_ids, group__user__isnull=False).values_list("group__user")
    return User.objects.filter(pk__in=own.union(through))


def is_member(project_id: UUID, user: User) -> bool:
    return people_of(project_id).filter(pk=user.pk).exists()


def member_of(project_id: UUID, username: str) -> User | None:
    """The person of that name, when they are in the project."""
    return people_of(project_id).filter(username=username).first()


def has_admin(project_id: UUID, *, without: Membership | GroupRole) -> bool:
    """Whether someone who can sign in would still run the project if `without` were gone."""
    own = Membership.objects.filter(project=project_id, role=Role.ADMIN, user__is_active=True)
    through = GroupRole.objects.filter(project=project_id, role=Role.ADMIN, group__user__is_active=True)
    if isinstance(without, Membership):
        own = own.exclude(pk=without.pk)
    else:
        through = through.exclude(pk=without.pk)
    return own.exists() or through.exists()


def member_rows(people: QuerySet[User], project_id: UUID) -> list[dict[str, Any]]:
    """A page of `people_of` as plain values: what they are themselves, and through which groups."""
    own = Membership.objects.filter(user=OuterRef("pk"), project=project_id).values("role")
    rows = list(people.annotate(role=own).values("pk", "username", "role"))
    groups = _groups_by_person(project_id, [row["pk"] for row in rows])
    return [{"username": row["username"], "role": row["role"], "groups": groups.get(row["pk"], [])} for row in rows]


def _groups_by_person(project_id: UUID, user_ids: Iterable[int]) -> dict[int, list[dict[str, str]]]:
    found = GroupRole.objects.filter(project=project_id, group__user__in=user_ids).order_by("group__name")
    groups: dict[int, list[dict[str, str]]] = {}
    for user_id, name, role in found.values_list("group__user", "group__name", "role"):
        groups.setdefault(user_id, []).append({"group": name, "role": role})
    return groups


def group_roles_of(project_id: UUID) -> QuerySet[GroupRole]:
    return GroupRole.objects.filter(project_id=project_id)


def group_rows(groups: QuerySet[GroupRole]) -> list[dict[str, Any]]:
    """Groups with a role as plain values."""
    return [dict(row) for row in groups.values("id", "role", name=F("group__name"))]
