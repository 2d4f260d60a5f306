"""The WSGI door: REST, admin, dashboard; and the doors of SDKs, which have places of their own."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.admission import Admission

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()

from audit import access  # noqa: E402 (the apps are loaded now)
from bugs.ingest.door import doors  # noqa: E402 (the apps are loaded now)
from bugs.ingest.door.wsgi import application as _ingest  # noqa: E402

_people = Admission(
    _django,
    at_work=settings.WEB_CALLS_AT_WORK,
    waiting=settings.WEB_CALLS_WAITING,
    patience=settings.WEB_PATIENCE_SECONDS,
    on_refusal=lambda environ: access.count_turned_away(environ, status=503, code="overloaded"),
)
_sdks = Admission(
    _ingest,
    at_work=settings.INGEST_CALLS_AT_WORK,
    waiting=settings.INGEST_CALLS_WAITING,
    patience=settings.INGEST_PATIENCE_SECONDS,
)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Each call to the places that are kept for its kind."""
    door = _sdks if doors.PATHS.fullmatch(environ.get("PATH_INFO", "")) else _people
    return door(environ, start_response)
