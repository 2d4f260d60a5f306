"""Who opens a socket: a key in a header, a ticket that one got for it, or the session of the built-in dashboard."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.db import Error

from apikeys import authentication as keys
from apikeys import credentials
from apikeys.limits import failures
from audit.actors import Principal
from config.api import addresses
from config.api.problems import Problem
from config.api.requests import is_session_key
from streaming import threads
from streaming.admission import tickets
from streaming.fanout import calls, rights
from streaming.fanout.sockets import Credential

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Shown(NamedTuple):
    """What came with a handshake: one of these, or nothing."""

    token: str | None = None
    ticket: str | None = None
    session: str | None = None


class StreamAuthentication:
    """Puts who it is into the scope: `principal` and `credential` or None, `client_ip`, and why not.

    origin_refused: a foreign Origin is refused before accept; only a ticket may come from one, the one it is bound to.
    One that is not good gets the same answer from everywhere, since pages read close codes and no HTTP status.
    misplaced: why what was sent is not how a key is sent, or None. is_over_limit. is_unavailable: whoever keeps
    credentials did not say.

    Browsers send an Origin always and an Authorization header never, so only a key may come without Origin.
    """

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        origins = _headers(scope, b"origin")
        scope["client_ip"] = _address(scope)
        scope["misplaced"] = scope["principal"] = scope["credential"] = None
        scope["is_unavailable"] = scope["is_over_limit"] = False
        is_foreign = any(origin not in settings.STREAM_ORIGINS for origin in origins)
        shown = Shown()
        try:
            shown = _shown(scope, is_ours=_is_ours(scope, origins))
            if shown.ticket is not None or not is_foreign:
                await self._recognise(scope, shown, ", ".join(origins))
        except credentials.Misplaced as error:
            scope["misplaced"] = error
        except (redis.RedisError, Error):
            scope["is_unavailable"] = True
        scope["origin_refused"] = is_foreign and shown.ticket is None
        await self.inner(scope, receive, send)

    async def _recognise(self, scope: Scope, shown: Shown, origin: str) -> None:
        found = await threads.run(_admitted, shown, scope["client_ip"], origin)
        scope["principal"], scope["credential"], scope["is_over_limit"] = found or (None, None, False)


def _shown(scope: Scope, *, is_ours: bool) -> Shown:
    """Raises credentials.Misplaced."""
    credentials.refuse_in_url(scope["path"], scope.get("query_string", b"").decode("latin-1"))
    token = credentials.from_headers(_headers(scope, b"authorization"), _headers(scope, b"x-api-key"))
    offered = [one for one in scope.get("subprotocols", []) if one.startswith(tickets.PREFIX)]
    if len(offered) + (token is not None) > 1:
        raise credentials.Misplaced("two_credentials", "Two different credentials came with this request. Send one.")
    if token is not None:
        return Shown(token=token)
    if offered:
        return Shown(ticket=offered[0].removeprefix(tickets.PREFIX))
    return Shown(session=_session_key(scope) if is_ours else None)


def _is_ours(scope: Scope, origins: list[str]) -> bool:
    """Whether a page of ours asks: cookies come along with what others make a browser ask too."""
    same = _headers(scope, b"sec-fetch-site") == ["same-origin"]  # an EventSource of the same origin sends no Origin
    return bool(origins) or (scope["type"] == "http" and same)


def _admitted(shown: Shown, address: str, origin: str) -> tuple[Principal, Credential, bool] | None:
    """Who it is, how the rights are read again, and whether a limit is used up."""
    found = _known(shown, address, origin)
    return (*found, not calls.spend(found[0])) if found else None


def _known(shown: Shown, address: str, origin: str) -> tuple[Principal, Credential] | None:
    """Raises redis.RedisError and django.db.Error."""
    if shown.token is not None:
        principal = _of_token(shown.token, address)
        return (principal, Credential("key", str(principal.key_id), address)) if principal else None
    if shown.ticket is not None:
        credential = tickets.redeem(shown.ticket, origin=origin, address=address)
    else:
        credential = Credential("session", shown.session) if shown.session else None
    principal = rights.read([credential]).get(credential) if credential else None
    return (principal, credential) if principal and credential else None


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
    return morsel.value if morsel and is_session_key(morsel.value) else None


def _of_token(token: str, address: str) -> Principal | None:
    """The rights of a key that opens a socket; one that is not valid counts against its address."""
    try:
        principal = keys.principal_for_token(token, address)
    except keys.BadKey as bad:
        with suppress(Problem):
            failures.note(address, is_junk=bad.is_junk)
        return None
    except Problem:  # too many failures: it was not even looked at
        return None
    return rights.bound(principal)
