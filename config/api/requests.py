"""Around every request: its id, its client's address, and what is left of the caller's limits in the answer."""

import re
from collections.abc import Callable

import uuid_utils
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from config.api import addresses

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}")


class RequestMiddleware:
    """Sets `request_id` and `client_ip`, and takes away what only a proxy of ours may say.

    `X-Request-ID` is taken when it is harmless, made otherwise, and sent back; it leads to the audit record.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.client_ip = _client_of(request)  # type: ignore[attr-defined]
        _drop_strange_session(request)
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.request_id = given if _is_harmless(given) else uuid_utils.uuid7().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        for found in ("rate_limit_headers", "key_headers"):
            for name, value in getattr(request, found, {}).items():
                response.headers[name] = value
        return response


def is_session_key(said: str) -> bool:
    """Ours are letters and digits; in quotes a cookie can say any byte, also one that PostgreSQL refuses."""
    return said.isalnum()


def _drop_strange_session(request: HttpRequest) -> None:
    said = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if said is not None and not is_session_key(said):
        del request.COOKIES[settings.SESSION_COOKIE_NAME]


def _is_harmless(request_id: str) -> bool:
    """It stays in logs and records as it is, so it may be neither a secret nor personal."""
    if _UUID.fullmatch(request_id):
        return True
    return bool(_ACCEPTED.fullmatch(request_id)) and import_string(settings.LOG_REDACTION)(request_id) == request_id


def _client_of(request: HttpRequest) -> str:
    """The client's address; of `X-Forwarded-Proto` stays what a trusted peer wrote, for `request.is_secure()`."""
    peer = request.META.get("REMOTE_ADDR")
    protocols = request.META.pop("HTTP_X_FORWARDED_PROTO", None)
    if protocols and addresses.is_trusted(peer):
        request.META["HTTP_X_FORWARDED_PROTO"] = protocols.rpartition(",")[2].strip()
    return addresses.client_of(peer, request.META.get("HTTP_X_FORWARDED_FOR"))
