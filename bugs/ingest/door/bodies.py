"""What was sent, as plain bytes and within its bound."""

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

from bugs.ingest.door import decoding
from bugs.ingest.door.responses import Refusal


def plain(request: HttpRequest) -> bytes:
    """Raises Refusal."""
    limit = settings.INGEST_MAX_BODY
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            raise decoding.TooLarge(limit)
        raw = decoding.read(_source(request), limit)
        return decoding.decode(raw, request.META.get("HTTP_CONTENT_ENCODING", ""), limit)
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
