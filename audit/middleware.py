"""Every call leaves an AccessRecord: those that the API's own pipeline has not written already are written here."""

import logging
import re
from collections.abc import Callable

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from audit import access, routes
from audit.access import Access
from config.api import problems

# Health, metrics and static files; what SDKs send is accounted for by its outcomes.
EXEMPT = re.compile(r"^/(healthz|readyz|metrics|static/.*|favicon\.ico|api/\d+/(envelope|store)/)$")
SAFE = ("GET", "HEAD", "OPTIONS")
logger = logging.getLogger(__name__)


class AccessMiddleware:
    """Records after the answer is known and before it is sent; fails closed when that is impossible."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if EXEMPT.match(request.path):
            return self.get_response(request)
        note = access.of(request)
        note.channel = access.channel_of(request.path)
        try:
            with access.current(note):
                response = self._answer(request, note)
            if not note.written or note.status != response.status_code:  # what was written may be undone since
                _write(request, note, response)
        except DatabaseError as error:
            logger.warning("a call could not be recorded: %s", error.__class__.__name__)
            return _unavailable(request)
        return response

    def _answer(self, request: HttpRequest, note: Access) -> HttpResponseBase:
        """A page or the admin that changes something does so in one transaction with its record, as the API does.

        What is refused is recorded afterwards, like any refusal: nothing stands or falls with it.
        """
        if note.channel == "rest" or request.method in SAFE:
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            elif response.status_code < 400 and note.outcome != "refused":
                _write(request, note, response)
        return response


def _write(request: HttpRequest, note: Access, response: HttpResponseBase) -> None:
    match = routes.match_of(request)
    if match and not note.operation:
        note.operation = routes.operation(match, request.method or "")
    # Asked for, it would be read from the database, also for calls that never needed it.
    user = getattr(request, "_cached_user", None)
    if note.principal is None and user is not None and user.is_authenticated:
        note.is_of(user)
    durable = response.status_code >= 400 or request.method not in SAFE
    access.record(request, status=response.status_code, durable=durable, size=_size(response))


def _size(response: HttpResponseBase) -> int | None:
    """Bytes of the answer, as far as they are known before it is sent."""
    if isinstance(response, HttpResponse):
        return len(response.content)
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _unavailable(request: HttpRequest) -> HttpResponse:
    detail = "The call could not be written to the audit log, so it was not answered. Try again shortly."
    response = problems.answer(request, 503, "unavailable", detail)
    response["Retry-After"] = "2"
    return response
