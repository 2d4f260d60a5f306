"""The WSGI door: REST, admin and dashboard; and the doors of SDKs, which have places and a way of their own."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from config.admission import Admission
from config.api.requests import RequestIdMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_ENVELOPES = re.compile(r"/api/\d+/(?:envelope|store)/")


class IngestHandler(WSGIHandler):
    """Django without its middleware: no session, no pages, no access record (outcomes account for what SDKs send)."""

    def load_middleware(self, is_async: bool = False) -> None:
        answer = convert_exception_to_response(self._get_response)
        self._middleware_chain = convert_exception_to_response(RequestIdMiddleware(answer))
        self._view_middleware = self._template_response_middleware = self._exception_middleware = []


_people = Admission(
    get_wsgi_application(),
    at_work=settings.WEB_CALLS_AT_WORK,
    waiting=settings.WEB_CALLS_WAITING,
    patience=settings.WEB_PATIENCE_SECONDS,
)
_sdks = Admission(
    IngestHandler(),
    at_work=settings.INGEST_CALLS_AT_WORK,
    waiting=settings.INGEST_CALLS_WAITING,
    patience=settings.INGEST_PATIENCE_SECONDS,
)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Each call to the places that are kept for its kind."""
    door = _sdks if _ENVELOPES.fullmatch(environ.get("PATH_INFO", "")) else _people
    return door(environ, start_response)
