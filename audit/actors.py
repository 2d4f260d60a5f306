"""Who acts: one principal for a key, a person, a socket or the system itself. Pure; every gate takes one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from uuid import UUID

NO_ROLE: frozenset[str] = frozenset()
PERMISSIONS = frozenset({"read", "write", "export", "admin", "pii"})


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who acts.

    label: `key:<uuid>`, `user:<id>`, `connector:<uuid>` or `system`, as history keeps it.
    roles: roles per project id, since they come from groups as well; a project that is missing does not exist here.
    permissions: what the credential carries, of `PERMISSIONS`.
    ceiling: the role that the credential has at most, whatever the person's own are; empty means those.
    endpoints: patterns over operation ids that the credential is bound to; empty means all.
    networks: addresses that the credential may be used from; empty means any.
    rate_limits: requests a minute, an hour, a day; None means unlimited (the system).
    is_operator: runs the installation, so sees also what belongs to no project, where policy asks for it.
    """

    label: str
    name: str = ""
    user_id: int | None = None
    key_id: UUID | None = None
    roles: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    permissions: frozenset[str] = PERMISSIONS
    ceiling: str = ""
    endpoints: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    expires_at: datetime | None = None
    rate_limits: tuple[int, int, int] | None = None
    is_operator: bool = False

    def __post_init__(self) -> None:
        if isinstance(next(iter(self.roles.values()), None), str):
            raise TypeError("Roles in a project are a set: frozenset({'admin'}).")

    @property
    def is_authenticated(self) -> bool:
        return True

    def roles_in(self, project_id: UUID) -> frozenset[str]:
        return self.roles.get(project_id, NO_ROLE)

    def __str__(self) -> str:
        return self.label


SYSTEM = Principal(label="system", name="Bugwire")
