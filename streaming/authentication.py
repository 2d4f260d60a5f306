"""Who opens a socket: a key in the Authorization header, or the session of the built-in dashboard."""

import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from functools import partial
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import auth

from apikeys import authentication as keys
from apikeys import credentials, decisions, operations
from apikeys.limits import callers, counting, failures
from audit.actors import Principal
from config.api import addresses
from config.api.problems import Problem
from streaming import threads
from streaming.sockets import Credential

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Opening(NamedTuple):
    """credential: how the rights of an open socket are read again. admit: how they are found when it opens."""

    credential: Credential
    admit: Callable[[], Principal | None]


class StreamAuthentication:
    """Puts who it is (`principal` or None, `credential`, `misplaced`, `client_ip`, `is_over_limit`) into the scope.

    A foreign Origin is refused before accept.

    Browsers send an Origin always and an Authorization header never, so only a key may come without Origin.
    misplaced: why what was sent is not how a key is sent, or None; such a socket has no credential.
    """

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        origins, opening = _headers(scope, b"origin"), None
        scope["origin_refused"] = any(origin not in settings.STREAM_ORIGINS for origin in origins)
        scope["client_ip"] = _address(scope)
        scope["misplaced"] = None
        try:
            opening = _opening(scope, has_origin=bool(origins))
        except credentials.Misplaced as error:
            scope["misplaced"] = error
        scope["credential"] = opening.credential if opening else None
        scope["principal"] = None
        if opening and not scope["origin_refused"]:
            scope["principal"] = await threads.run(opening.admit)
        scope["is_over_limit"] = scope["principal"] is not None and not await threads.run(_counted, scope["principal"])
        await self.inner(scope, receive, send)


def _opening(scope: Scope, *, has_origin: bool) -> Opening | None:
    """Raises credentials.Misplaced."""
    credentials.refuse_in_url(scope["path"], scope.get("query_string", b"").decode("latin-1"))
    token = credentials.from_headers(_headers(scope, b"authorization"), _headers(scope, b"x-api-key"))
    if token is not None:
        address = scope["client_ip"]
        name = hashlib.sha256(f"{token} {address}".encode()).hexdigest()
        return Opening(Credential(name, partial(_of_token, token, address)), partial(_admitted, token, address))
    if has_origin and (session_key := _session_key(scope)):
        read = partial(_of_session, session_key)
        return Opening(Credential(f"session:{session_key}", read), read)
    return None


def _counted(principal: Principal) -> bool:
    """A socket that opens is one call among the others of its caller."""
    buckets = callers.buckets_of(principal)
    return not buckets or counting.spend(buckets).allowed


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in scope["headers"] if header.lower() == name]


def _address(scope: Scope) -> str:
    peer = (scope.get("client") or [None])[0]
    return addresses.client_of(peer, ",".join(_headers(scope, b"x-forwarded-for")))


def _session_key(scope: Scope) -> str | None:
    try:
        morsel = SimpleCookie("; ".join(_headers(scope, b"cookie"))).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    # Ours are letters and digits; in quotes a cookie can say any byte, also one that PostgreSQL refuses.
    return morsel.value if morsel and morsel.value.isalnum() else None


def _admitted(token: str, address: str) -> Principal | None:
    """The rights of a key that opens a socket; one that is not valid counts against its address."""
    try:
        principal = keys.principal_for_token(token, address)
    except keys.BadKey as bad:
        with suppress(Problem):
            failures.note(address, is_junk=bad.is_junk)
        return None
    except Problem:  # too many failures: it was not even looked at
        return None
    return _if_bound(principal)


def _of_token(token: str, address: str) -> Principal | None:
    """The rights that the key of an open socket has now, asked of PostgreSQL."""
    try:
        return _if_bound(keys.principal_for_token(token, address, calls=0, is_fresh=True))
    except keys.BadKey:
        return None


def _if_bound(principal: Principal) -> Principal | None:
    question = decisions.Question(principal, operations.STREAM, operations.known()[operations.STREAM])
    return None if decisions.refusal(question) else principal


def _of_session(session_key: str) -> Principal | None:
    """As Django's own middleware would find the user: an ended session or a changed password is nobody."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = auth.get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not user.is_authenticated or not user.is_active:
        return None
    return keys.principal_of_session(user, is_verified=False)  # no event needs what a code is asked for
