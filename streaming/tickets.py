"""One-use tickets: what a browser opens a socket with, since it can neither set a header nor keep a key secret.

They lie in Redis for half a minute, sealed, under a digest of their text; whoever reads Redis finds no credential.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, cast

import orjson
import redis
from django.conf import settings
from django.utils import timezone

from config import keyring
from streaming.sockets import Credential

SECONDS = 30
PREFIX = "ticket."  # of the subprotocol that carries one
TIMEOUT_SECONDS = 0.5
MAX_LENGTH = 100
_ORIGIN = re.compile(
    r"https://[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[0-9]{1,5})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"
)


class Ticket(NamedTuple):
    """origin, address: from where alone it opens a socket; an empty origin is a client that sends none."""

    text: str
    origin: str
    address: str
    expires_at: datetime


def is_origin(text: str) -> bool:
    """Whether it is what browsers send as Origin: https, or http on one's own machine; no path, no user, lower case."""
    return _ORIGIN.fullmatch(text) is not None


def issue(credential: Credential, *, origin: str, address: str) -> Ticket:
    """Raises redis.RedisError."""
    text = secrets.token_urlsafe(32)
    name = _name(text)
    kept = orjson.dumps([*credential, origin, address])
    _client().set(name, keyring.seal(kept, place="stream.ticket", row=name), ex=SECONDS)
    return Ticket(text, origin, address, timezone.now() + timedelta(seconds=SECONDS))


def redeem(text: str, *, origin: str, address: str) -> Credential | None:
    """Whose it is, once, and only there; None for any that is not good. Raises redis.RedisError."""
    if not 0 < len(text) <= MAX_LENGTH:
        return None
    name = _name(text)
    sealed = cast("bytes | None", _client().getdel(name))
    if sealed is None:
        return None
    try:
        kind, who, theirs, bound_origin, bound_address = orjson.loads(
            keyring.unseal(sealed, place="stream.ticket", row=name)
        )
    except keyring.Unreadable:
        return None
    return Credential(kind, who, theirs) if (bound_origin, bound_address) == (origin, address) else None


def _name(text: str) -> str:
    return f"bugwire:ticket:{hashlib.sha256(text.encode()).hexdigest()}"


@cache
def _client() -> redis.Redis:
    timeouts = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS}
    return redis.Redis.from_url(settings.REDIS_URL, **timeouts)
