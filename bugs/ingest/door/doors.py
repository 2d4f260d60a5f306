"""The doors that unmodified Sentry SDKs knock on: what comes is made safe, counted and answered; it is read later.

They are asked with what CGI and WSGI call a request, since Django's own costs as much as all the rest of it.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from django.db import DatabaseError, InterfaceError

from bugs.ingest.door import answers, bodies, credentials, parcels, senders
from bugs.ingest.door.answers import Answer, Refusal
from bugs.ingest.door.senders import Sender
from bugs.ingest.wire import envelope as envelopes
from bugs.ingest.wire import kinds
from config.api import addresses

PATHS = re.compile(r"/api/(\d+)/(envelope|store)/")
QUERY_MAX = 4_096
QUIET_SECONDS = 5.0
Environ = Mapping[str, Any]
logger = logging.getLogger(__name__)
_next_word = 0.0


def answer(environ: Environ) -> Answer:
    """The answer to a request whose path is one of PATHS."""
    if environ["REQUEST_METHOD"] == "OPTIONS":
        return answers.preflight()
    try:
        if environ["REQUEST_METHOD"] != "POST":
            raise Refusal(405, "method_not_allowed", "Events are sent with POST.")
        return _accounted(environ)
    except Refusal as refusal:
        return answers.refused(refusal)
    except (DatabaseError, InterfaceError):
        _say_so()
        away = Refusal(503, "unavailable", "Events cannot be stored at the moment.", retry_after=answers.RETRY_SECONDS)
        return answers.refused(away)


def _say_so() -> None:
    """A database that is away fails every call; one line for many of them."""
    global _next_word
    if time.monotonic() >= _next_word:
        _next_word = time.monotonic() + QUIET_SECONDS
        logger.warning("envelopes cannot be stored", exc_info=True)


def _accounted(environ: Environ) -> Answer:
    """What the door refuses is counted before it is answered; of what it did not look into it counts one."""
    match = PATHS.fullmatch(environ["PATH_INFO"])
    assert match, "only these paths lead here"
    number = int(match[1]) if len(match[1]) < 12 else 0  # what is longer is no project's
    try:
        return _DOORS[match[2]](environ, number)
    except Refusal as refusal:
        sender = senders.of(number)
        parcels.refuse(refusal, sender.project_id if sender else None, {kinds.UNKNOWN: 1})
        raise


def _envelope(environ: Environ, number: int) -> Answer:
    """One envelope."""
    sender = _sender(environ, number) if _has_key(environ) else None
    body = bodies.read(environ)
    try:
        parsed = envelopes.parse(body.plain)
    except envelopes.Malformed as error:
        raise Refusal(400, "envelope_malformed", str(error)) from error
    sender = _sender(environ, number, dsn=parsed.headers.get("dsn"), known=sender)
    return _accepted(environ, sender, parsed, body)


def _store(environ: Environ, number: int) -> Answer:
    """One event as bare JSON, the way SDKs did before envelopes."""
    sender = _sender(environ, number)
    plain = envelopes.of_event(bodies.read(environ).plain)
    return _accepted(environ, sender, envelopes.parse(plain), bodies.Body(plain, "", plain))


_DOORS: dict[str, Callable[[Environ, int], Answer]] = {"envelope": _envelope, "store": _store}


def _accepted(environ: Environ, sender: Sender, parsed: envelopes.Envelope, body: bodies.Body) -> Answer:
    event_id = parcels.accept(sender, parsed, body, peer=_client(environ))
    return answers.accepted(event_id.hex if event_id else "")


def _client(environ: Environ) -> str:
    return addresses.client_of(environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR"))


def _has_key(environ: Environ) -> bool:
    return "sentry_key=" in environ.get("QUERY_STRING", "") or any("sentry_key=" in one for one in _headers(environ))


def _headers(environ: Environ) -> list[str]:
    return [environ.get(name, "") for name in ("HTTP_X_SENTRY_AUTH", "HTTP_AUTHORIZATION")]


def _sender(environ: Environ, number: int, *, dsn: object = None, known: Sender | None = None) -> Sender:
    """The project of that number, when the key shown is its own. Raises Refusal."""
    key = credentials.public_key(headers=_headers(environ), query=_key_in_query(environ), dsn=dsn)
    sender = known or (senders.of(number) if key else None)
    if not key or sender is None or key not in sender.keys:
        raise Refusal(403, "ingest_key_invalid", "The key is not one of this project.")
    return sender


def _key_in_query(environ: Environ) -> str:
    query = environ.get("QUERY_STRING", "")[:QUERY_MAX]
    return parse_qs(query).get("sentry_key", [""])[-1] if "sentry_key=" in query else ""
