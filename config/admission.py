"""At the door of `web`: so many calls at work, so many waiting, and a plain 503 for the rest.

A server that takes everything collapses when more comes than it can do: all wait, all time out. Each place at work has
its own database connection, so the threads that only wait hold none.
"""

import contextlib
import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from config.api import problems

Application = Callable[..., Iterable[bytes]]
RETRY_SECONDS = (1, 4)
QUIET_SECONDS = 5.0
HEALTH = frozenset({"/healthz"})
logger = logging.getLogger(__name__)


class Admission:
    """A WSGI application around another.

    at_work: calls at the same time. waiting: calls that may wait for a place, each `patience` seconds at most.
    on_refusal: hears of each call that is turned away; it must not wait for anything.
    """

    def __init__(
        self,
        application: Application,
        *,
        at_work: int,
        waiting: int,
        patience: float,
        on_refusal: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        self.application = application
        self.on_refusal = on_refusal
        self.patience = patience
        self._places: queue.LifoQueue[Any] = queue.LifoQueue()  # the place used last has the warmest connection
        for _ in range(at_work):
            self._places.put(None)
        self._may_wait = threading.BoundedSemaphore(waiting)
        self._refused = 0
        self._next_word = 0.0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in HEALTH:
            return self.application(environ, start_response)
        try:
            connection = self._place()
        except queue.Empty:
            self.on_refusal(environ)
            return self._refuse(start_response)
        try:
            connection = _take_up(connection)
            return self.application(environ, start_response)
        finally:
            _put_down()
            self._places.put(connection)

    def _place(self) -> Any:
        """The connection of a free place; raises queue.Empty when there is none in time."""
        with contextlib.suppress(queue.Empty):
            return self._places.get_nowait()
        if not self._may_wait.acquire(blocking=False):
            raise queue.Empty
        try:
            return self._places.get(timeout=self.patience)
        finally:
            self._may_wait.release()

    def _refuse(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        self._say_so()
        seconds = random.randint(*RETRY_SECONDS)  # noqa: S311 (spreads the retries, hides nothing)
        detail = f"More calls came than can be answered. Try again in {seconds} s."
        body = problems.encoded(503, "overloaded", detail)
        headers = [
            ("Content-Type", problems.MEDIA_TYPE),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(seconds)),
        ]
        start_response("503 Service Unavailable", headers)
        return [body]

    def _say_so(self) -> None:
        """One line for many refusals: a log line each would be load of its own."""
        self._refused += 1
        now = time.monotonic()
        if now >= self._next_word:
            self._next_word = now + QUIET_SECONDS
            logger.warning("overloaded: %d calls were refused since the start", self._refused)


def _take_up(connection: Any) -> Any:
    """Make the place's connection this thread's own."""
    if connection is None:
        connection = connections.create_connection(DEFAULT_DB_ALIAS)
        connection.inc_thread_sharing()
    connections[DEFAULT_DB_ALIAS] = connection
    return connection


def _put_down() -> None:
    """What is still sent after this (a file) needs no database."""
    with contextlib.suppress(AttributeError):
        del connections[DEFAULT_DB_ALIAS]
