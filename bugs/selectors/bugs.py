"""Every read of bugs worth a name. Each takes the principal: there is no other way to rows."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

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
    return _named(bugs_for(principal), name)


def find_deleted(principal: Principal, name: str) -> UUID | None:
    """The same among the deleted bugs of those projects where the principal may bring them back."""
    projects = list(policy.projects(principal, "bug.restore"))
    return _named(Bug.objects.filter(project_id__in=projects, deleted_at__isnull=False), name)


def _named(bugs: QuerySet[Bug], name: str) -> UUID | None:
    try:
        bugs = bugs.filter(pk=UUID(name))
    except ValueError:
        key, _, number = name.rpartition("-")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        bugs = bugs.filter(project__key=key, number=int(number))
    return bugs.values_list("pk", flat=True).first()


# One constant statement: building it anew through the ORM cost more than PostgreSQL needs to answer it.
_DOCUMENTS = """
    SELECT row_to_json(t)::text FROM (
        SELECT b.id, p.key || '-' || b.number AS reference, p.key AS project, b.title, b.description, b.status,
               b.severity, b.bug_type, b.resolution, b.component, b.environment, b.release, b.tags,
               r.username AS reporter, a.username AS assignee, b.error_level, b.error_count, b.version,
               b.created_at, b.updated_at, b.resolved_at
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place)
        JOIN bugs_bug b ON b.id = wanted.id
        JOIN bugs_project p ON p.id = b.project_id
        LEFT JOIN bugs_user r ON r.id = b.reporter_id
        LEFT JOIN bugs_user a ON a.id = b.assignee_id
        ORDER BY wanted.place
    ) t
"""


def documents_of(bug_ids: Sequence[UUID]) -> list[str]:
    """Bugs as JSON texts in the order of their ids, written by PostgreSQL itself: no model instance per row.

    For callers who hold ids that a gate let through.
    """
    if not bug_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS, [list(bug_ids)])
        return [row[0] for row in cursor.fetchall()]


def documents(bugs: QuerySet[Bug]) -> list[str]:
    """The bugs of a gated queryset as JSON texts, in its order."""
    return documents_of(list(bugs.values_list("pk", flat=True)))


def documents_by_id(bug_ids: Collection[UUID]) -> dict[str, str]:
    """JSON documents of bugs for those who have tested membership themselves (the live hub, webhooks)."""
    there = list(Bug.objects.filter(pk__in=bug_ids).values_list("pk", flat=True))
    return dict(zip(map(str, there), documents_of(there), strict=True))


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
