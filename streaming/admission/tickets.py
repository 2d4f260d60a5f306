"""One-use tickets: what a browser opens a socket with, since it can neither set a header nor keep a key secret.

They lie in Redis for half a minute, sealed, under a digest of their text; whoever reads Redis finds no credential.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple, cast

import orjson
from django.conf import settings
from django.utils import timezone

from config import keyring
from streaming import redis_client
from streaming.fanout.sockets import Credential

SECONDS = 30
PREFIX = "ticket."  # of the subprotocol that carries one
TIMEOUT_SECONDS = 0.5
MAX_LENGTH = 100
# Browsers leave the usual port out.
_ORIGIN = re.compile(
    r"https://([a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:(?!443$)[1-9][0-9]{0,4})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:(?!80$)[1-9][0-9]{0,4})?"
)


class Ticket(NamedTuple):
    """origin, address: from where alone it opens a socket; an empty origin is a client that sends none."""

    text: str
    origin: str
    address: str
    expires_at: datetime


def is_origin(text: str) -> bool:
    """Whether a ticket may be bound to it: one of ours, or what browsers send of a page by https or from localhost."""
    return text in settings.STREAM_ORIGINS or _ORIGIN.fullmatch(text) is not None


def issue(credential: Credential, *, origin: str, address: str) -> Ticket:
    """Raises redis.RedisError."""
    text = secrets.token_urlsafe(32)
    name = _name(text)
    kept = orjson.dumps([*credential, origin, address])
    redis_client.within(TIMEOUT_SECONDS).set(name, keyring.seal(kept, place="stream.ticket", row=name), ex=SECONDS)
    return Ticket(text, origin, address, timezone.now() + timedelta(seconds=SECONDS))


def redeem(text: str, *, origin: str, address: str) -> Credential | None:
    """Whose it is, once, and only there; None for any that is not good. Raises redis.RedisError."""
    if not 0 < len(text) <= MAX_LENGTH:
        return None
    name = _name(text)
    sealed = cast("bytes | None", redis_client.within(TIMEOUT_SECONDS).getdel(name))
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
