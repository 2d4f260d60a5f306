"""Who is calling: an API key, or a person with a session."""

import time
from typing import Any, cast

from django.http import HttpRequest
from rest_framework import authentication
from rest_framework.request import Request

from apikeys import selectors, tokens
from apikeys.models import ApiKey
from audit import access
from audit.actors import Principal
from bugs import selectors as people
from config.api.problems import Problem

KNOWN_SECONDS = 0.8  # a revoked key is refused within a second, with no message that would have to arrive
KNOWN_LIMIT = 10_000
_known: dict[str, tuple[float, Principal]] = {}


class BadKey(Exception):
    """Unknown, expired or revoked: the caller is told no more than that."""


def principal_for_token(token: str) -> Principal:
    """The principal of an API key; raises BadKey. A wrong checksum costs no query."""
    if not tokens.is_well_formed(token):
        raise BadKey
    found = _known.get(token)
    if found and found[0] > time.monotonic():
        return found[1]
    key = selectors.key_for_token(token)
    if key is None:
        _known.pop(token, None)
        raise BadKey
    if len(_known) >= KNOWN_LIMIT:
        _known.clear()
    principal = _principal_of(key)
    _known[token] = (time.monotonic() + KNOWN_SECONDS, principal)
    return principal


def principal_for_user(user: Any) -> Principal:
    """The principal of a signed-in person: all permissions, as far as their roles go."""
    return people.principal_of(user)


def _principal_of(key: ApiKey) -> Principal:
    roles = people.roles_of(cast(Any, key.owner))
    chosen = set(key.projects.values_list("pk", flat=True))
    return Principal(
        label=f"key:{key.pk}",
        name=key.name,
        user_id=key.owner_id,
        key_id=key.pk,
        roles={project: role for project, role in roles.items() if not chosen or project in chosen},
        permissions=frozenset(key.permissions),
        endpoints=tuple(key.endpoints),
        rate_limits=(key.requests_per_minute, key.requests_per_hour, key.requests_per_day),
    )


class KeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer bw_live_…` or `X-API-Key`; never in a URL."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        token = _token_of(request)
        if token is None:
            return None
        try:
            principal = principal_for_token(token)
        except BadKey:
            raise Problem(
                401,
                "invalid_key",
                "This API key is not valid here. It may be mistyped, expired or revoked.",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            ) from None
        return _noted(request, principal), principal.label

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The dashboard's session, with CSRF for writes."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        self.enforce_csrf(request)
        principal = principal_for_user(user)
        return _noted(request, principal), principal.label


def _noted(request: Request, principal: Principal) -> Principal:
    access.of(request._request).principal = principal
    return principal


def _token_of(request: Request | HttpRequest) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.headers.get("X-API-Key")
