"""Asks the one policy whether this call is allowed at all; rows are gated where they are read."""

from fnmatch import fnmatchcase
from typing import Any

from rest_framework import permissions
from rest_framework.request import Request

from audit import access
from audit.actors import Principal
from bugs import policy
from config.api.problems import Problem


class PolicyPermission(permissions.BasePermission):
    """The action that the view names, the key's permissions, its endpoints, and a role in some project."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if getattr(view, "action", None) is None:
            return True  # no such method here: the view answers 405
        if not isinstance(request.user, Principal):
            raise Problem(
                401,
                "no_credentials",
                "Send an API key as `Authorization: Bearer …`.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        operation = f"{view.basename}_{view.action}"
        action = view.requires.get(view.action, "")
        note = access.of(request._request)
        note.operation = operation
        note.project_ids = list(request.user.roles)
        _check(request.user, action, operation)
        return True


def _check(principal: Principal, action: str, operation: str) -> None:
    if principal.endpoints and not any(fnmatchcase(operation, pattern) for pattern in principal.endpoints):
        raise Problem(403, "endpoint_not_allowed", f"This key is not allowed to call {operation}.")
    permission, _ = policy.ACTIONS.get(action, ("", frozenset()))
    if permission not in principal.permissions:
        raise Problem(403, "permission_missing", f"This key lacks the permission {permission or 'for this'}.")
    if not policy.projects(principal, action):
        raise Problem(403, "role_missing", "No role of yours allows this in any project.")
