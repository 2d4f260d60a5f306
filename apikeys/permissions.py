"""Asks the one policy whether this call is allowed at all; rows are gated where they are read."""

from typing import Any

from rest_framework import permissions
from rest_framework.request import Request

from apikeys import decisions
from apikeys.decisions import Question
from audit import access
from audit.actors import Principal
from bugs import policy
from config.api.problems import Problem

_CODES = {
    "endpoint": "endpoint_not_allowed",
    "permission": "permission_missing",
    "ceiling": "key_role_missing",
    "role": "role_missing",
}


class PolicyPermission(permissions.BasePermission):
    """The key's endpoints, its permissions and its role, the action that the view names, and a role in some project."""

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
        operation, action = f"{view.basename}_{view.action}", view.requires.get(view.action, "")
        note = access.of(request._request)
        note.operation = operation
        note.project_ids = list(request.user.roles)
        refused = decisions.refusal(Question(request.user, operation, action))
        if refused:
            raise Problem(403, _CODES[refused.name], refused.text)
        note.project_ids = policy.projects(request.user, action)
        return True
