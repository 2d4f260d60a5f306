"""What each layer around a list adds: the same call in this process, with one layer more each time."""

import statistics
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys import authentication
from audit import access
from bench.figures import Figure
from bench.scale import Scale
from bench.world import World
from config import urls
from config.api.views import ViewSet

AUDIT = "audit.middleware.AccessMiddleware"
Call = Callable[[], None]


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"{}", content_type="application/json")


class Frame(ViewSet):
    """The API's own way without who, how often and may they."""

    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    permission_classes: list[Any] = []
    requires = {"list": "bug.read"}

    def list(self, request: Request) -> Response:
        return Response({"results": []})


class Keyed(Frame):
    authentication_classes = ViewSet.authentication_classes
    permission_classes = ViewSet.permission_classes


class Limited(Keyed):
    throttle_classes = ViewSet.throttle_classes


urlpatterns = [
    path("bench/nothing/", nothing),
    *(
        path(f"bench/{one.__name__}/", one.as_view({"get": "list"}, basename="bench"))
        for one in (Frame, Keyed, Limited)
    ),
    *urls.urlpatterns,
]


def measure(world: World, scale: Scale) -> list[Figure]:
    unaudited = [name for name in settings.MIDDLEWARE if name != AUDIT]
    with override_settings(ROOT_URLCONF="bench.layers"):
        bare, middle, whole = _handler([]), _handler(unaudited), _handler(settings.MIDDLEWARE)
        bugs = "/api/v1/bugs/"
        ways = {
            "Django and a view that does nothing": _call(bare, "/bench/nothing/", world),
            "+ middleware": _call(middle, "/bench/nothing/", world),
            "+ the API's frame (DRF)": _call(middle, "/bench/Frame/", world),
            "+ key and permission": _call(middle, "/bench/Keyed/", world),
            "+ three limits": _call(middle, "/bench/Limited/", world),
            "+ audit row": _call(whole, "/bench/Limited/", world),
            "whole list of 50": _call(whole, bugs, world),
            "(key read from PostgreSQL on each call)": _unknown(_call(whole, bugs, world)),
            "(audit row waits for the disk)": _durable(_call(whole, bugs, world)),
        }
        taken = _in_turn(ways, scale.calls)
    return _figures(taken)


def _handler(middleware: list[str]) -> WSGIHandler:
    with override_settings(MIDDLEWARE=middleware):
        return WSGIHandler()


def _call(handler: WSGIHandler, address: str, world: World) -> Call:
    headers = {"authorization": f"Bearer {world.key_of_one}"}
    environ = (
        RequestFactory(headers=headers, SERVER_NAME="127.0.0.1")
        .get(address, {"limit": "50"} if "v1" in address else {})
        .environ
    )

    def call() -> None:
        status: list[str] = []
        answer = handler({**environ, "wsgi.input": BytesIO()}, lambda line, headers: status.append(line))
        b"".join(answer)
        answer.close()
        if not status[0].startswith("200"):
            raise RuntimeError(f"{address}: {status[0]}")

    return call


def _unknown(call: Call) -> Call:
    def forget_and_call() -> None:
        authentication._known.clear()
        call()

    return forget_and_call


def _durable(call: Call) -> Call:
    def wait_for_the_disk() -> None:
        later, access._INSERT_LATER = access._INSERT_LATER, access._INSERT
        try:
            call()
        finally:
            access._INSERT_LATER = later

    return wait_for_the_disk


def _in_turn(ways: dict[str, Call], calls: int) -> dict[str, float]:
    """One call of each after the other; the median of each in µs, so that the busy moments fall out."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(calls + 20):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if number >= 20:
                taken[name].append((time.perf_counter() - began) * 1e6)
    return {name: statistics.median(times) for name, times in taken.items()}


def _figures(taken: dict[str, float]) -> list[Figure]:
    note = "medians in process; each line adds one layer, `limit` is the view that does nothing"
    note += "; in brackets: the whole list with one thing done the naive way"
    whole, least = taken["whole list of 50"], taken["Django and a view that does nothing"]
    return [
        Figure("layers", name, "µs", *((whole, value) if name.startswith("(") else (value, None)), least, note)
        for name, value in taken.items()
    ]
