"""Who is calling: an API key, or a person with a session."""

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import authentication
from rest_framework.request import Request

from apikeys import credentials, documents, networks, selectors, services, tokens, uses
from apikeys.limits import failures
from apikeys.models import ApiKey
from audit import access
from audit.actors import Principal
from bugs import selectors as people
from config.api.problems import Problem

OPERATORS = frozenset({"admin", "pii"})  # what a session of an operator has only after a code
KNOWN_SECONDS = 0.8  # a revoked key is refused within a second, with no message that would have to arrive
KNOWN_LIMIT = 10_000
_NAMING = os.urandom(16)


class BadKey(Exception):
    """Not valid here, for whatever reason: the caller is told no more than that."""

    def __init__(self, *, is_junk: bool = False) -> None:
        super().__init__()
        self.is_junk = is_junk  # it cost nothing to refuse


class Caller(NamedTuple):
    """headers: what every answer tells the users of this key."""

    principal: Principal
    headers: Mapping[str, str]
    until: float


# By keyed digests, so that no key lies in memory for longer than its call. Refusals are known by address too: a key
# from a foreign network is then looked for as often as one that is unknown, and takes as long.
_known: dict[bytes, Caller] = {}
_refused: dict[tuple[bytes, str], float] = {}


def forget() -> None:
    """As in a process that has just begun."""
    _known.clear()
    _refused.clear()


def principal_for_token(token: str, address: str = "", *, calls: int = 1, is_fresh: bool = False) -> Principal:
    """The principal of an API key that is used from there; raises BadKey. See `caller_for_token`."""
    return caller_for_token(token, address, calls=calls, is_fresh=is_fresh).principal


def caller_for_token(token: str, address: str = "", *, calls: int = 1, is_fresh: bool = False) -> Caller:
    """Who calls with this key; raises BadKey. A wrong checksum costs no query, and no reason takes longer than another.

    calls: how many uses this is; 0 for a socket whose rights are read again. is_fresh: asks PostgreSQL, not the memory.
    """
    if not tokens.is_well_formed(token):
        raise BadKey(is_junk=True)
    now, name = time.monotonic(), hashlib.blake2b(token.encode(), key=_NAMING, digest_size=16).digest()
    caller = None if is_fresh else _known.get(name)
    if caller is None or caller.until <= now or not _is_near(caller.principal, address):
        if address and not (is_fresh or name in _known):
            failures.refuse_unseen(address)
        caller = _looked_up(token, name, address, now)
    uses.note(_key_id(caller.principal), calls=calls)
    return caller


def principal_for_user(user: Any) -> Principal:
    """The principal of a signed-in person: all permissions, as far as their roles go."""
    return people.principal_of(user)


def principal_of_session(user: Any, *, is_verified: bool, roles: people.Roles | None = None) -> Principal:
    """The same of a session. An operator who gave no code is none here: the console is not to be walked around."""
    principal = principal_for_user(user) if roles is None else people.principal_of(user, roles)
    if is_verified or not settings.CONSOLE_REQUIRES_TOTP or not (user.is_superuser or user.is_staff):
        return principal
    return replace(principal, permissions=principal.permissions - OPERATORS, is_operator=False)


def principal_of_label(label: str, address: str = "") -> Principal | None:
    """Who a label (`key:…`, `user:…`) stands for at this moment and from there; None when that is nobody any more.

    For doors where a signature says who it was: a signed link is as good as the key or the person that asked for it.
    """
    kind, _, name = label.partition(":")
    if kind == "user" and name.isdigit():
        user = get_user_model().objects.filter(pk=int(name), is_active=True).first()
        return principal_for_user(user) if user else None
    key = selectors.key_of_id(UUID(name)) if kind == "key" else None
    principal = selectors.principal_of(key) if key else None
    if key is None or principal is None or not _is_near(principal, address):
        return None
    uses.note(key.pk, calls=0)
    return principal


def _looked_up(token: str, name: bytes, address: str, now: float) -> Caller:
    if _refused.get((name, address), 0.0) > now:
        raise BadKey
    key = selectors.key_for_token(token)
    if key is None or not _holds(selectors.networks_of(key), address):  # either way no other query was made
        if key is None:
            _known.pop(name, None)
        _keep(_refused, (name, address), now + KNOWN_SECONDS)
        raise BadKey
    caller = _caller_of(key, now)
    services.redigest(key, token)
    _keep(_known, name, caller)
    return caller


def _keep(memory: dict[Any, Any], name: Any, value: Any) -> None:
    if len(memory) >= KNOWN_LIMIT:
        memory.clear()
    memory[name] = value


def _is_near(principal: Principal, address: str) -> bool:
    return _holds(principal.networks, address)


def _holds(bound: tuple[networks.Network, ...], address: str) -> bool:
    return not bound or networks.contain(bound, address)


def _key_id(principal: Principal) -> UUID:
    assert principal.key_id is not None
    return principal.key_id


def _caller_of(key: ApiKey, now: float) -> Caller:
    left = (key.expires_at - timezone.now()).total_seconds() if key.expires_at else KNOWN_SECONDS
    return Caller(selectors.principal_of(key), _headers_of(key), now + min(KNOWN_SECONDS, left))


def _headers_of(key: ApiKey) -> dict[str, str]:
    if key.expires_at is None:
        return {}
    if key.replaced_at:
        return {"Bugwire-Key-Replaced": _written(key.expires_at)}
    is_soon = key.expires_at - timezone.now() <= documents.WARNED_BEFORE
    return {"Bugwire-Key-Expires": _written(key.expires_at)} if is_soon else {}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class KeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer bw_live_…` or `X-API-Key`, never in a URL. Beside a session the key alone counts."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        asked = request._request
        token = _token_of(asked)
        if token is None:
            return None
        address = address_of(asked)
        try:
            caller = caller_for_token(token, address)
        except BadKey as bad:
            failures.note(address, is_junk=bad.is_junk)
            raise Problem(
                401,
                "invalid_key",
                "This API key is not valid here. It may be mistyped, expired or revoked.",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            ) from None
        asked.key_headers = caller.headers  # type: ignore[attr-defined]
        return _noted(request, caller.principal), caller.principal.label

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The dashboard's session, with CSRF for writes."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        self.enforce_csrf(request)
        principal = principal_of_session(user, is_verified=user.is_verified())
        return _noted(request, principal), principal.label


def address_of(request: HttpRequest) -> str:
    """Where a request came from, as the outermost middleware found it."""
    return getattr(request, "client_ip", "") or ""


def _noted(request: Request, principal: Principal) -> Principal:
    access.of(request._request).principal = principal
    return principal


def _token_of(request: HttpRequest) -> str | None:
    given = [[request.META[name]] if name in request.META else [] for name in ("HTTP_AUTHORIZATION", "HTTP_X_API_KEY")]
    try:
        credentials.refuse_in_url(request.path_info, request.META.get("QUERY_STRING", ""))
        return credentials.from_headers(*given)
    except credentials.Misplaced as error:
        raise Problem(400, error.code, str(error)) from None
