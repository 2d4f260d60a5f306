"""Who opens a socket: a key in the Authorization header, or the session of the built-in dashboard."""

import fnmatch
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import auth

from apikeys import authentication as keys
from audit.actors import Principal
from streaming import threads
from streaming.sockets import Credential

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
OPERATION = "stream_connect"


class StreamAuthentication:
    """Puts `principal` (or None) and `credential` into the scope; a foreign Origin is refused before accept.

    Browsers send an Origin always and an Authorization header never, so only a key may come without Origin.
    """

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        origin, token = _header(scope, b"origin"), _token(scope)
        scope["origin_refused"] = origin is not None and origin not in settings.STREAM_ORIGINS
        credential = None
        if token is not None:
            credential = Credential(hashlib.sha256(token.encode()).hexdigest(), partial(_of_token, token))
        elif origin is not None and (session_key := _session_key(scope)):
            credential = Credential(f"session:{session_key}", partial(_of_session, session_key))
        scope["credential"] = credential
        scope["principal"] = None
        if credential and not scope["origin_refused"]:
            scope["principal"] = await threads.run(credential.read)
        await self.inner(scope, receive, send)


def _token(scope: Scope) -> str | None:
    if key := _header(scope, b"x-api-key"):
        return key
    scheme, _, token = (_header(scope, b"authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _header(scope: Scope, name: bytes) -> str | None:
    values = [value for header, value in scope["headers"] if header.lower() == name]
    return values[0].decode("latin-1") if values else None


def _session_key(scope: Scope) -> str | None:
    try:
        morsel = SimpleCookie(_header(scope, b"cookie") or "").get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _of_token(token: str) -> Principal | None:
    try:
        principal = keys.principal_for_token(token)
    except keys.BadKey:
        return None
    bound = principal.endpoints
    return principal if not bound or any(fnmatch.fnmatchcase(OPERATION, one) for one in bound) else None


def _of_session(session_key: str) -> Principal | None:
    """As Django's own middleware would find the user: an ended session or a changed password is nobody."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = auth.get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not user.is_authenticated or not user.is_active:
        return None
    return keys.principal_for_user(user)
