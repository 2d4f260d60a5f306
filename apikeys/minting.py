"""Nobody makes a key that is stronger than they are: every bound of the maker is a bound of the key. Pure."""

import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apikeys import networks, operations
from apikeys.networks import Network
from audit.actors import PERMISSIONS, Principal
from bugs import policy

SYSTEM = "system"


class TooMuch(ValueError):
    """A key may not carry what its maker does not have; `pointer` names the field of the body."""

    def __init__(self, detail: str, pointer: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a key may at most. Empty endpoints, networks and projects bind to nothing."""

    permissions: frozenset[str]
    role: str
    endpoints: tuple[str, ...]
    networks: tuple[Network, ...]
    projects: frozenset[UUID]
    limits: tuple[int, int, int]


def check(wanted: Bounds, *, by: Principal, own: Bounds | None, most: tuple[int, int, int]) -> None:
    """Raises TooMuch. own: the bounds of the key that acts, None for a person. most: the limits that settings allow."""
    if by.label == SYSTEM:
        return
    _check_permissions(wanted, by)
    _check_role(wanted.role, by)
    check_limits(wanted.limits, most, "what this server allows")
    if not all(project in by.roles for project in wanted.projects):
        raise TooMuch("There is no such project, or it is not yours.", "/projects")
    if own:
        _check_bound(wanted, own)


def check_limits(wanted: tuple[int, int, int], most: tuple[int, int, int], whose: str) -> None:
    """Raises TooMuch."""
    for window, limit, highest in zip(("minute", "hour", "day"), wanted, most, strict=True):
        if limit > highest:
            detail = f"The limit a {window} is more than {whose}, which is {highest}."
            raise TooMuch(detail, f"/rate_limits/requests_per_{window}")


def _check_permissions(wanted: Bounds, by: Principal) -> None:
    if not wanted.permissions <= PERMISSIONS & by.permissions:
        raise TooMuch("A key may not carry permissions that its maker does not have.", "/permissions")


def _check_role(role: str, by: Principal) -> None:
    """A key's role is a bound; without one a key goes as far as its owner, which a maker with a role does not."""
    held = frozenset(role for roles in by.roles.values() for role in roles)
    within_own = not role or _actions({role}) <= _actions(held)
    within_ceiling = not by.ceiling or (role and _actions({role}) <= _actions({by.ceiling}))
    if not (within_own and within_ceiling):
        raise TooMuch("A key may not have a role that goes further than its maker's.", "/role")


def _actions(roles: Collection[str]) -> frozenset[str]:
    return frozenset(action for action, (_, allowed) in policy.ACTIONS.items() if not allowed.isdisjoint(roles))


def _check_bound(wanted: Bounds, own: Bounds) -> None:
    """A key that is bound makes keys that are bound within the same."""
    _check_within(own.endpoints, wanted.endpoints, operations.cover, "/endpoints")
    _check_within(own.networks, wanted.networks, networks.cover, "/ip_whitelist")
    _check_within(own.projects, wanted.projects, operator.contains, "/projects")
    check_limits(wanted.limits, own.limits, "its maker's")


def _check_within(outer: Collection[Any], inner: Collection[Any], covers: Callable[[Any, Any], bool], at: str) -> None:
    if outer and not (inner and all(covers(outer, one) for one in inner)):
        detail = f"The maker of this key is bound to {at[1:]}; the key must be bound within the same."
        raise TooMuch(detail, at)
