"""The doors that unmodified Sentry SDKs knock on."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bugs.ingest.digest import writer
from bugs.ingest.door import credentials, decoding
from bugs.ingest.door.responses import Refusal, accepted, preflight, refused
from bugs.ingest.reading.normalize import Report, normalize
from bugs.ingest.wire import envelope as envelopes
from bugs.ingest.wire import lenient_json, shapes

EVENT_MAX = 1024 * 1024
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
            return view(request, number)
        except Refusal as refusal:
            return refused(refusal)
        except (OperationalError, InterfaceError):
            return refused(Refusal(503, "unavailable", "Events cannot be stored at the moment."))

    return answer


@_door
def envelope(request: HttpRequest, number: int) -> HttpResponse:
    """One envelope: its errors are stored, its other items counted and let go."""
    project_id = _project_id(request, number) if _has_key(request) else None
    body = _body(request)
    try:
        parsed = envelopes.parse(body)
    except envelopes.Malformed as error:
        raise Refusal(400, "envelope_malformed", str(error)) from error
    project_id = _project_id(request, number, dsn=parsed.headers.get("dsn"), known=project_id)
    event_id = shapes.identifier(parsed.headers.get("event_id"))
    reports = [_report(request, item.payload, sent_at=parsed.headers.get("sent_at")) for item in parsed.items]
    if reports:
        event_id = reports[0].event_id = event_id or reports[0].event_id
        writer.accept(project_id, reports)
    return accepted(event_id.hex if event_id else "")


@_door
def store(request: HttpRequest, number: int) -> HttpResponse:
    """One event as bare JSON, the way SDKs did before envelopes."""
    project_id = _project_id(request, number)
    report = _report(request, _body(request))
    writer.accept(project_id, [report])
    return accepted(report.event_id.hex)


def _report(request: HttpRequest, payload: bytes, *, sent_at: Any = None) -> Report:
    if len(payload) > EVENT_MAX:
        raise Refusal(413, "body_too_large", f"The event is larger than {EVENT_MAX} bytes.")
    try:
        event = lenient_json.load(payload)
    except lenient_json.Malformed as error:
        raise Refusal(400, "json_invalid", str(error)) from error
    if not isinstance(event, dict):
        raise Refusal(400, "json_invalid", "An event is a JSON object.")
    return normalize(event, received_at=timezone.now(), sent_at=sent_at, peer=request.META.get("REMOTE_ADDR") or "")


def _has_key(request: HttpRequest) -> bool:
    return "sentry_key" in request.GET or any("sentry_key=" in header for header in _auth_headers(request))


def _auth_headers(request: HttpRequest) -> list[str]:
    return [request.headers.get(name, "") for name in ("X-Sentry-Auth", "Authorization")]


def _project_id(request: HttpRequest, number: int, *, dsn: object = None, known: UUID | None = None) -> UUID:
    """The project of that number, when the key shown is its own. Raises Refusal."""
    query = request.GET.get("sentry_key", "")
    key = credentials.public_key(headers=_auth_headers(request), query=query, dsn=dsn)
    project_id = key and (known or credentials.project_of(key, number))
    if not project_id:
        raise Refusal(403, "ingest_key_invalid", "The key is not one of this project.")
    return project_id


def _body(request: HttpRequest) -> bytes:
    limit = settings.INGEST_MAX_BODY
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            raise decoding.TooLarge(limit)
        raw = decoding.read(_source(request), limit)
        return decoding.decode(raw, request.headers.get("Content-Encoding", ""), limit)
    except decoding.TooLarge as error:
        raise Refusal(413, "body_too_large", str(error)) from error
    except ValueError as error:
        raise Refusal(400, "envelope_malformed", str(error)) from error


def _source(request: HttpRequest) -> decoding.Source:
    """Django takes a chunked body for empty; where the server ends its input it can be read all the same."""
    meta = request.META
    if isinstance(request, WSGIRequest) and meta.get("wsgi.input_terminated") and not meta.get("CONTENT_LENGTH"):
        source: decoding.Source = meta["wsgi.input"]
        return source
    return request
