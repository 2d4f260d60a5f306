"""Every call leaves an AccessRecord: those that the API's own pipeline has not written already are written here."""

import re
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from audit import access

# Health, metrics and static files; what SDKs send is accounted for by its outcomes.
EXEMPT = re.compile(r"^/(healthz|readyz|metrics|static/.*|favicon\.ico|api/\d+/(envelope|store)/)$")


class AccessMiddleware:
    """Records after the answer is known and before it is sent; fails closed when that is impossible."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if EXEMPT.match(request.path):
            return self.get_response(request)
        note = access.of(request)
        note.channel = _channel(request.path)
        response = self.get_response(request)
        if note.written:
            return response
        note.operation = note.operation or _route(request)
        try:
            durable = response.status_code >= 400 or request.method not in ("GET", "HEAD", "OPTIONS")
            access.record(request, status=response.status_code, durable=durable)
        except DatabaseError:
            return _unavailable()
        return response


def _channel(path: str) -> str:
    if path.startswith("/api/"):
        return "rest"
    return "admin" if path.startswith("/admin/") else "page"


def _route(request: HttpRequest) -> str:
    """The operation that was asked for, as the API names it, when the call never came that far."""
    try:
        match = resolve(request.path)
    except Resolver404:
        return ""
    view: Any = match.func
    action = getattr(view, "actions", {}).get((request.method or "").lower())
    if action:
        return f"{view.initkwargs['basename']}_{action}"
    return match.view_name or ""


def _unavailable() -> HttpResponse:
    body = b'{"type":"about:blank","title":"Service unavailable","status":503,"code":"unavailable",'
    body += b'"detail":"The call could not be written to the audit log, so it was not answered. Try again shortly."}'
    return HttpResponse(body, status=503, content_type="application/problem+json", headers={"Retry-After": "2"})
