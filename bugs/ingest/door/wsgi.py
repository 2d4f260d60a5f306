"""The doors of SDKs as a WSGI application: the way by which events come in numbers."""

from collections.abc import Callable, Iterable
from typing import Any

from bugs.ingest.door import doors


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers the paths `doors.PATHS` and no others."""
    answer = doors.answer(environ)
    start_response(answer.line, answer.headers)
    return [answer.body]
