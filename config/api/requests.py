"""Every request has an id, ours or the caller's, that also leads to its audit record."""

import re
from collections.abc import Callable

import uuid_utils
from django.http import HttpRequest, HttpResponseBase

_ACCEPTED = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class RequestIdMiddleware:
    """Takes `X-Request-ID` when it is harmless, makes one otherwise, and sends it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _ACCEPTED.match(given) else uuid_utils.uuid7().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response
