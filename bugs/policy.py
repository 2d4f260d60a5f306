"""The one table of role x action. What is not in it is refused. Pure."""

from collections.abc import Collection
from uuid import UUID

from audit.actors import Principal

READ, WRITE, EXPORT, ADMIN, PII = "read", "write", "export", "admin", "pii"

# action: (the permission a credential needs, the roles that may)
_EVERYONE = frozenset({"viewer", "reporter", "triager", "exporter", "integrator", "admin"})
_TEAM = frozenset({"triager", "integrator", "admin"})
ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "bug.read": (READ, _EVERYONE),
    "bug.create": (WRITE, frozenset({"reporter", "triager", "integrator", "admin"})),
    "bug.edit": (WRITE, frozenset({"triager", "integrator", "admin"})),
    "bug.delete": (WRITE, frozenset({"admin"})),
    "bug.restore": (WRITE, frozenset({"admin"})),
    "bug.watch": (WRITE, _EVERYONE),
    "comment.create": (WRITE, frozenset({"reporter", "triager", "integrator", "admin"})),
    "comment.read_internal": (READ, _TEAM),
    "comment.write_internal": (WRITE, _TEAM),
    "comment.moderate": (WRITE, frozenset({"admin"})),
    "attachment.create": (WRITE, frozenset({"reporter", "triager", "integrator", "admin"})),
    "attachment.delete": (WRITE, _TEAM),
    "error.read": (READ, _EVERYONE),
    "error.write": (WRITE, frozenset({"reporter", "triager", "integrator", "admin"})),
    "group.edit": (WRITE, _TEAM),
    "release.write": (WRITE, _TEAM),
    "analytics.read": (READ, _EVERYONE),
    "view.read": (READ, _EVERYONE),
    "view.write": (WRITE, _EVERYONE),
    "view.share": (WRITE, _TEAM),
    "project.read": (READ, _EVERYONE),
    "project.manage": (ADMIN, frozenset({"admin"})),
    "export.create": (EXPORT, frozenset({"exporter", "integrator", "admin"})),
    "webhook.manage": (ADMIN, frozenset({"integrator", "admin"})),
    "key.manage": (ADMIN, _EVERYONE),  # one's own, which are never more than their owner
    "audit.read": (ADMIN, frozenset({"admin"})),
    "pii.read": (PII, frozenset({"triager", "admin"})),
    "pii.export": (PII, frozenset({"exporter", "admin"})),
    "consent.read": (READ, _TEAM),
    "consent.write": (WRITE, _TEAM),
    "privacy.manage": (ADMIN, frozenset({"admin"})),
    "privacy.erase": (ADMIN, frozenset({"admin"})),
    "self.read": (READ, _EVERYONE),
}
_NOBODY: tuple[str, frozenset[str]] = ("", frozenset())


class Refused(Exception):
    """Readable, but this principal may not do that."""

    def __init__(self, action: str) -> None:
        super().__init__(f"This credential may not do {action} here.")
        self.action = action


def needs(action: str) -> tuple[str, frozenset[str]]:
    """The permission and the roles; of an action that there is not, what nobody has."""
    return ACTIONS.get(action, _NOBODY)


def allows(principal: Principal, action: str, project_id: UUID) -> bool:
    """Whether the principal may do the action in the project; an unknown action is refused."""
    permission, roles = needs(action)
    return may(principal, permission, roles) and not roles.isdisjoint(principal.roles_in(project_id))


def may(principal: Principal, permission: str, roles: Collection[str]) -> bool:
    """Whether the credential itself goes as far, before anyone asks where."""
    return permission in principal.permissions and (not principal.ceiling or principal.ceiling in roles)


def check(principal: Principal, action: str, project_id: UUID) -> None:
    """Raises Refused."""
    if principal.label != "system" and not allows(principal, action, project_id):
        raise Refused(action)


def projects(principal: Principal, action: str) -> Collection[UUID]:
    """The projects in which the principal may do the action: every gate over rows starts here."""
    permission, roles = needs(action)
    if not may(principal, permission, roles):
        return []
    return [project_id for project_id, has in principal.roles.items() if not roles.isdisjoint(has)]


def sees_all(principal: Principal, action: str) -> bool:
    """Whether the principal may do the action also with what belongs to no project: operators, as far as keys go."""
    permission, roles = needs(action)
    return principal.is_operator and may(principal, permission, roles)
