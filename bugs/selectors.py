"""Every read of bugs worth a name. Each takes the principal: there is no other way to rows."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from audit.actors import Principal
from bugs import policy
from bugs.models import Bug, ErrorGroup, Membership, Project, User

# The public columns of a bug, in the order of every format (REST, stream, webhook, export).
BUG_FIELDS = (
    *("id", "reference", "project", "title", "description", "status", "severity", "bug_type", "resolution"),
    *("component", "environment", "release", "tags", "reporter", "assignee", "error_level", "error_count"),
    *("version", "created_at", "updated_at", "resolved_at"),
)


def bugs_for(principal: Principal, action: str = "bug.read") -> QuerySet[Bug]:
    """The gate: the bugs this principal may see, and no others."""
    projects = policy.projects(principal, action)
    gate = Q(project_id=projects[0]) if len(projects) == 1 else Q(project_id__in=projects)  # type: ignore[index]
    return Bug.objects.filter(gate, deleted_at__isnull=True)


def find(principal: Principal, name: str) -> UUID | None:
    """The id of a bug by UUID or reference (`WEB-42`), when the principal may see it."""
    bugs = bugs_for(principal)
    try:
        bugs = bugs.filter(pk=UUID(name))
    except ValueError:
        key, _, number = name.rpartition("-")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        bugs = bugs.filter(project__key=key, number=int(number))
    return bugs.values_list("pk", flat=True).first()


def documents(bugs: QuerySet[Bug]) -> list[str]:
    """Bugs as JSON texts, written by PostgreSQL itself: no model instance, no serializer per row."""
    try:
        sql, parameters = as_rows(bugs).query.sql_with_params()
    except EmptyResultSet:
        return []
    columns = ", ".join(BUG_FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(t)::text FROM ({sql}) t({columns})", parameters)  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def as_rows(bugs: QuerySet[Bug]) -> QuerySet[Bug, tuple[Any, ...]]:
    """The public columns of each bug, in the order of BUG_FIELDS."""
    project_key = Subquery(Project.objects.filter(pk=OuterRef("project_id")).values("key")[:1])
    shown: dict[str, Combinable] = {
        "reference": Concat(project_key, Value("-"), Cast("number", CharField()), output_field=CharField()),
        "project": project_key,
        "reporter": _username("reporter_id"),
        "assignee": _username("assignee_id"),
    }
    return bugs.values_list(*(shown.get(name, name) for name in BUG_FIELDS))


def _username(column: str) -> Subquery:
    return Subquery(User.objects.filter(pk=OuterRef(column)).values("username")[:1])


def documents_by_id(bug_ids: Collection[UUID]) -> dict[str, str]:
    """JSON documents of bugs for those who have tested membership themselves (the live hub, webhooks)."""
    bugs = Bug.objects.filter(pk__in=bug_ids)
    ids = list(bugs.order_by("pk").values_list("pk", flat=True))
    return dict(zip(map(str, ids), documents(bugs.order_by("pk")), strict=True))


def groups_of(bug_id: UUID) -> QuerySet[ErrorGroup]:
    return ErrorGroup.objects.filter(bug_id=bug_id).order_by("-last_seen_at")


def roles_of(user: User) -> dict[UUID, str]:
    """Role per project; operators with all rights are admin everywhere."""
    if user.is_superuser:
        return dict.fromkeys(Project.objects.values_list("pk", flat=True), "admin")
    return dict(Membership.objects.filter(user=user).values_list("project_id", "role"))


def project_keys(project_ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Project.objects.filter(pk__in=project_ids).values_list("pk", "key"))


def project_by_key(principal: Principal, key: str) -> UUID | None:
    """A project's id by its key, when it exists for this principal."""
    return Project.objects.filter(key=key, pk__in=list(principal.roles)).values_list("pk", flat=True).first()
