"""The doors that unmodified Sentry SDKs knock on: what comes is made safe, counted and answered; it is read later."""

from collections.abc import Callable
from functools import wraps

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bugs.ingest.door import bodies, credentials, parcels, senders
from bugs.ingest.door.responses import Refusal, accepted, preflight, refused
from bugs.ingest.door.senders import Sender
from bugs.ingest.wire import envelope as envelopes
from bugs.ingest.wire import kinds

Door = Callable[[HttpRequest, int], HttpResponse]


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
    """What the door refuses is counted before it is answered; of what it did not look into it counts one."""
    try:
        return view(request, number)
    except Refusal as refusal:
        sender = senders.of(number)
        parcels.refuse(refusal, sender.project_id if sender else None, {kinds.UNKNOWN: 1})
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
    return _accepted(request, sender, parsed, body)


@_door
def store(request: HttpRequest, number: int) -> HttpResponse:
    """One event as bare JSON, the way SDKs did before envelopes."""
    sender = _sender(request, number)
    body = envelopes.of_event(bodies.plain(request))
    return _accepted(request, sender, envelopes.parse(body), body)


def _accepted(request: HttpRequest, sender: Sender, parsed: envelopes.Envelope, body: bytes) -> HttpResponse:
    event_id = parcels.accept(sender, parsed, body, peer=request.META.get("REMOTE_ADDR") or "")
    return accepted(event_id.hex if event_id else "")


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
