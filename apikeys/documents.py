"""Keys as the API shows them, and what a credential says of itself."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import timezone

from apikeys.models import LIMITS, ApiKey
from audit.actors import Principal
from bugs import policy
from bugs import selectors as people

PROJECTS_SHOWN = 100
WARNED_BEFORE = timedelta(days=14)
_PLAIN = (
    *("id", "name", "hint", "role", "permissions", "endpoints", "ip_whitelist", "created_at", "created_by"),
    *("expires_at", "last_used_at", "use_count", "replaced_at", "uses_since_replaced"),
    *("revoked_at", "revoked_by", "revoked_reason"),
)


def of_keys(keys: Iterable[ApiKey]) -> list[dict[str, Any]]:
    """Keys from `selectors.keys_for`, in their order, each with the names of its projects."""
    found = list(keys)
    names = people.project_keys({project for key in found for project in key.project_ids})
    return [_of_key(key, names) for key in found]


def of_caller(principal: Principal) -> dict[str, Any]:
    """Everything that a caller may know of its own credential."""
    key = ApiKey.objects.filter(pk=principal.key_id).first() if principal.key_id else None
    assert principal.user_id is not None  # the system asks for nothing here
    owner = get_user_model().objects.get(pk=principal.user_id)
    return {
        "valid": True,
        "actor": principal.label,
        "id": principal.key_id,
        "name": principal.name,
        "owner": {"id": owner.pk, "username": owner.get_username()},
        "role": principal.ceiling,
        "permissions": sorted(principal.permissions),
        "projects": _projects(principal),
        "project_count": len(principal.roles),
        "endpoints": list(principal.endpoints),
        "ip_whitelist": [str(network) for network in principal.networks],
        "rate_limits": _limits(principal.rate_limits) if principal.rate_limits else None,
        "expires_at": key.expires_at if key else None,
        "last_used_at": key.last_used_at if key else None,
        "warnings": _warnings(key) if key else [],
    }


def status_of(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= timezone.now():
        return "expired"
    return "replaced" if key.replaced_at else "live"


def _of_key(key: ApiKey, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        **{name: getattr(key, name) for name in _PLAIN},
        "status": status_of(key),
        "projects": sorted(names[project] for project in key.project_ids if project in names),
        "rate_limits": _limits(key.limits),
        "rotated_from": key.rotated_from_id,
        "replaced_by": getattr(key, "replaced_by", None),
    }


def _limits(limits: Sequence[int]) -> dict[str, int]:
    return dict(zip(LIMITS, limits, strict=True))


def _projects(principal: Principal) -> list[dict[str, Any]]:
    """Where the credential may do what: the first of them by their keys."""
    names = sorted(people.project_keys(principal.roles).items(), key=lambda item: item[1])[:PROJECTS_SHOWN]
    return [
        {
            "id": project_id,
            "key": name,
            "roles": sorted(principal.roles_in(project_id)),
            "may": [action for action in policy.ACTIONS if policy.allows(principal, action, project_id)],
        }
        for project_id, name in names
    ]


def _warnings(key: ApiKey) -> list[dict[str, str]]:
    if key.expires_at is None:
        return []
    ends = key.expires_at.isoformat(timespec="seconds")
    if key.replaced_at:
        return [{"code": "replaced", "detail": f"This key was rotated. It ends at {ends}; use its successor."}]
    if key.expires_at - timezone.now() <= WARNED_BEFORE:
        return [{"code": "expires_soon", "detail": f"This key expires at {ends}. Rotate it."}]
    return []
