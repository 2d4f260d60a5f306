"""Who may read what of the audit trail; audit asks here by a setting, since it knows nothing of projects."""

from collections.abc import Collection
from uuid import UUID

from audit.actors import Principal
from bugs import policy
from bugs.models import Project

READ, PERSONAL = "audit.read", "pii.read"


def projects(principal: Principal, *, personal: bool = False) -> Collection[UUID]:
    """Projects whose trail the principal may read; personal: with whose address it was."""
    found = policy.projects(principal, READ)
    return set(found) & set(policy.projects(principal, PERSONAL)) if personal else found


def sees_all(principal: Principal, *, personal: bool = False) -> bool:
    """Whether also that of no project."""
    return policy.sees_all(principal, READ) and (not personal or policy.sees_all(principal, PERSONAL))


def project_named(principal: Principal, key: str) -> UUID | None:
    """One of those projects by its key."""
    return Project.objects.filter(key=key, pk__in=list(projects(principal))).values_list("pk", flat=True).first()
