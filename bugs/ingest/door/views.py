"""The doors that unmodified Sentry SDKs knock on: what comes is made safe, counted and answered; it is read later."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import zstandard
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bugs.ingest.door import acceptance, bodies, credentials, limits, senders
from bugs.ingest.door.responses import Refusal, accepted, preflight, refused
from bugs.ingest.door.senders import Sender
from bugs.ingest.outcomes import INVALID, LIMITED, RECEIVED, Counted, Fate
from bugs.ingest.wire import envelope as envelopes
from bugs.ingest.wire import kinds, lenient_json, shapes

EVENT_MAX = 1024 * 1024
Door = Callable[[HttpRequest, int], HttpResponse]
_local = threading.local()


def _door(view: Door) -> Door:
    """Methods, refusals and a database that is away, the same for every door."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, number: int) -> HttpResponse:
        if request.method == "OPTIONS":
            return preflight()
        try:
            if request.method != "POST":
                raise Refusal(405, "method_not_allowed", "Events are sent with POST.")
            return _accounted(view, request, number)
        except Refusal as refusal:
            return refused(refusal)
        except (OperationalError, InterfaceError):
            return refused(Refusal(503, "unavailable", "Events cannot be stored at the moment."))

    return answer


def _accounted(view: Door, request: HttpRequest, number: int) -> HttpResponse:
    """What the door refuses is counted before it is answered; what its view counted itself is not counted again."""
    try:
        return view(request, number)
    except Refusal as refusal:
        if not refusal.is_counted:
            sender = senders.of(number)
            fate = Fate(INVALID, refusal.code)
            acceptance.put(acceptance.Entry(_counted(sender and sender.project_id, {kinds.UNKNOWN: 1}, fate)))
        raise


@_door
def envelope(request: HttpRequest, number: int) -> HttpResponse:
    """One envelope."""
    sender = _sender(request, number) if _has_key(request) else None
    body = bodies.plain(request)
    try:
        parsed = envelopes.parse(body)
    except envelopes.Malformed as error:
        raise Refusal(400, "envelope_malformed", str(error)) from error
    sender = _sender(request, number, dsn=parsed.headers.get("dsn"), known=sender)
    return _accept(request, sender, parsed, body)


@_door
def store(request: HttpRequest, number: int) -> HttpResponse:
    """One event as bare JSON, the way SDKs did before envelopes."""
    sender = _sender(request, number)
    body = envelopes.of_event(bodies.plain(request))
    return _accept(request, sender, envelopes.parse(body), body)


def _accept(request: HttpRequest, sender: Sender, parsed: envelopes.Envelope, body: bytes) -> HttpResponse:
    """Keep the envelope, or count what was refused of it."""
    counts = dict(kinds.categories(parsed.items))
    event_id = shapes.identifier(parsed.headers.get("event_id"))
    try:
        event_id = _checked(parsed, event_id)
        _limit(sender, counts.get(kinds.ERROR, 0))
    except Refusal as refusal:
        _refuse(sender, counts, event_id, refusal)
        raise
    parcel = acceptance.Parcel(
        project_id=sender.project_id,
        event_id=event_id,
        received_at=timezone.now(),
        peer=(request.META.get("REMOTE_ADDR") or "")[:45],
        size=len(body),
        body=_packed(body),
    )
    counted = _counted(sender.project_id, counts)
    acceptance.put(acceptance.Entry(counted, parcel if parsed.items else None))
    return accepted(event_id.hex if event_id else "")


def _checked(parsed: envelopes.Envelope, event_id: UUID | None) -> UUID | None:
    """The id of the envelope's event, whose JSON must be an object. Raises Refusal."""
    for item in parsed.items:
        if item.type == kinds.EVENT:
            event = _looked_at(item.payload)
            event_id = event_id or shapes.identifier(event.get("event_id"))
    return event_id


def _looked_at(payload: bytes) -> dict[str, Any]:
    if len(payload) > EVENT_MAX:
        raise Refusal(413, "body_too_large", f"The event is larger than {EVENT_MAX} bytes.")
    try:
        event = lenient_json.parse(payload)
    except lenient_json.Malformed as error:
        raise Refusal(400, "json_invalid", str(error)) from error
    if not isinstance(event, dict):
        raise Refusal(400, "json_invalid", "An event is a JSON object.")
    return event


def _limit(sender: Sender, events: int) -> None:
    if over := limits.check(sender, events):
        detail = f"This project sends more than it may ({over.reason}). Try again in {over.seconds} s."
        raise Refusal(429, f"over_{over.reason}", detail, retry_after=over.seconds)


def _refuse(sender: Sender, counts: dict[str, int], event_id: UUID | None, refusal: Refusal) -> None:
    fate = Fate(LIMITED if refusal.status == 429 else INVALID, refusal.code)
    named = [acceptance.Refused(sender.project_id, event_id, fate)] if event_id else []
    acceptance.put(acceptance.Entry(_counted(sender.project_id, counts, fate), refused=named))
    refusal.is_counted = True


def _counted(
    project_id: UUID | None, counts: dict[str, int], fate: Fate | None = None
) -> "acceptance.Counter[Counted]":
    """That so many items came, and what became of them when that is known."""
    found = acceptance.Counter({Counted(project_id, name, RECEIVED): count for name, count in counts.items()})
    if fate:
        found.update({Counted(project_id, name, *fate): count for name, count in counts.items()})
    return found


def _packed(body: bytes) -> bytes:
    """Compressors are not to be shared between threads. Fast, since it is read once and soon."""
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=1)
    packed: bytes = _local.compressor.compress(body)
    return packed


def _has_key(request: HttpRequest) -> bool:
    return "sentry_key=" in request.META.get("QUERY_STRING", "") or any("sentry_key=" in h for h in _headers(request))


def _headers(request: HttpRequest) -> list[str]:
    return [request.META.get(name, "") for name in ("HTTP_X_SENTRY_AUTH", "HTTP_AUTHORIZATION")]


def _sender(request: HttpRequest, number: int, *, dsn: object = None, known: Sender | None = None) -> Sender:
    """The project of that number, when the key shown is its own. Raises Refusal."""
    query = request.GET.get("sentry_key", "") if request.META.get("QUERY_STRING") else ""
    key = credentials.public_key(headers=_headers(request), query=query, dsn=dsn)
    sender = known or (senders.of(number) if key else None)
    if not key or sender is None or key not in sender.keys:
        raise Refusal(403, "ingest_key_invalid", "The key is not one of this project.")
    return sender
