"""Every read of bugs worth a name. Each takes the principal: there is no other way to rows."""

from collections.abc import Iterable
from functools import lru_cache
from typing import cast
from uuid import UUID

from django.db.models import Q, QuerySet

from audit import access
from audit.actors import Principal
from bugs import policy
from bugs.models import Bug, Project
from bugs.selectors.texts import name_parts


def bugs_for(principal: Principal, action: str = "bug.read") -> QuerySet[Bug]:
    """The gate: the bugs this principal may see, and no others."""
    return _of_projects(tuple(policy.projects(principal, action))).all()


@lru_cache(maxsize=512)
def _of_projects(projects: tuple[UUID, ...]) -> QuerySet[Bug]:
    """Only ever copied, never asked: making it anew was a good part of what a list cost."""
    gate = Q(project_id=projects[0]) if len(projects) == 1 else Q(project_id__in=projects)
    return Bug.objects.filter(gate, deleted_at__isnull=True)


def find(principal: Principal, name: str) -> UUID | None:
    """The id of a bug by UUID or reference (`WEB-42`), when the principal may see it."""
    return _named(bugs_for(principal), name)


def find_deleted(principal: Principal, name: str) -> UUID | None:
    """The same among the deleted bugs of those projects where the principal may bring them back."""
    projects = list(policy.projects(principal, "bug.restore"))
    return _named(Bug.objects.filter(project_id__in=projects, deleted_at__isnull=False), name)


def _named(bugs: QuerySet[Bug], name: str) -> UUID | None:
    named = name_parts(name)
    if named is None:
        return None
    bugs = bugs.filter(pk=named[0]) if len(named) == 1 else bugs.filter(project__key=named[0], number=named[1])
    return cast("UUID | None", access.first(bugs, "bug"))


def project_keys(project_ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Project.objects.filter(pk__in=project_ids).values_list("pk", "key"))


def project_by_key(principal: Principal, key: str) -> UUID | None:
    """A project's id by its key, when it exists for this principal."""
    found = Project.objects.filter(key=key, pk__in=list(principal.roles)).values_list("pk", flat=True).first()
    if found:
        access.touched(found)
    return found
