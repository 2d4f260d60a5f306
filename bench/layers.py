"""What each layer around a view adds: the same call in this process, with one layer more each time."""

import random
import time
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys import authentication
from apikeys.limits.script import script
from audit import records
from bench.figures import Figure
from bench.scale import Scale
from bench.world import World
from config import urls
from config.api.views import ViewSet

AUDIT = "audit.middleware.AccessMiddleware"
PROMISED = 600.0  # µs that key check, permission, limits and audit row add together
ROUNDS = 6  # times the calls of the scale; the fastest tenth of them counts
UNMEASURED = 50  # of the first rounds
Call = Callable[[], None]


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"{}", content_type="application/json")


class Frame(ViewSet):
    """The API's own way without who, may they and how often."""

    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    permission_classes: list[Any] = []
    requires = {"list": "bug.read"}

    def list(self, request: Request) -> Response:
        return Response({"results": []})


class Keyed(Frame):
    authentication_classes = ViewSet.authentication_classes


class Permitted(Keyed):
    permission_classes = ViewSet.permission_classes


class Limited(Permitted):
    throttle_classes = ViewSet.throttle_classes


VIEWS = (Frame, Keyed, Permitted, Limited)
urlpatterns = [
    path("bench/nothing/", nothing),
    *(path(f"bench/{one.__name__}/", one.as_view({"get": "list"}, basename="bench")) for one in VIEWS),
    *urls.urlpatterns,
]


def measure(world: World, scale: Scale) -> list[Figure]:
    unaudited = [name for name in settings.MIDDLEWARE if name != AUDIT]
    with override_settings(ROOT_URLCONF="bench.layers"):
        bare, middle, whole = _handler([]), _handler(unaudited), _handler(settings.MIDDLEWARE)
        layers = {
            "Django and a view that does nothing": _call(bare, "/bench/nothing/", world),
            "+ middleware": _call(middle, "/bench/nothing/", world),
            "+ the API's frame (DRF)": _call(middle, "/bench/Frame/", world),
            "+ key check": _call(middle, "/bench/Keyed/", world),
            "+ permission": _call(middle, "/bench/Permitted/", world),
            "+ three limits": _call(middle, "/bench/Limited/", world),
            "+ audit row": _call(whole, "/bench/Limited/", world),
        }
        listed = _call(whole, "/api/v1/bugs/", world)
        lists = {
            "whole list of 50": listed,
            "(key read from PostgreSQL on each call)": _unknown(listed),
            "(audit row waits for the disk)": _durable(listed),
        }
        figures = _of_layers(_in_turn(layers, scale.calls * ROUNDS))
        figures += _counted(layers["+ audit row"])
        return figures + _of_lists(_in_turn(lists, scale.calls))


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
        authentication.forget()
        call()

    return forget_and_call


def _durable(call: Call) -> Call:
    def wait_for_the_disk() -> None:
        later, records.LATER = records.LATER, records.NOW
        try:
            call()
        finally:
            records.LATER = later

    return wait_for_the_disk


def _in_turn(ways: dict[str, Call], rounds: int) -> dict[str, float]:
    """One call of each after the other, so that a busy moment hits all alike; µs, the mean of the fastest tenth.

    Each round has an order of its own: whoever follows a call that does more finds the caches full of other things.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    names, chance = list(ways), random.Random(1)
    for number in range(rounds + UNMEASURED):
        chance.shuffle(names)
        for name in names:
            began = time.perf_counter()
            ways[name]()
            if number >= UNMEASURED:
                taken[name].append((time.perf_counter() - began) * 1e6)
    return {name: _fastest_tenth(times) for name, times in taken.items()}


def _fastest_tenth(times: list[float]) -> float:
    fastest = sorted(times)[: max(1, len(times) // 10)]
    return sum(fastest) / len(fastest)


def _counted(call: Call) -> list[Figure]:
    """What the four layers ask of others, in a call of a key that is known."""
    statements: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    call()
    asked, written = script.calls, records.LATER.runs
    with connection.execute_wrapper(count):
        call()
    sent = len(statements) + records.LATER.runs - written
    return [
        Figure("layers", "round trips to Redis", "calls", script.calls - asked, limit=1),
        Figure("layers", "statements to PostgreSQL", "calls", sent, limit=1),
    ]


def _of_layers(taken: dict[str, float]) -> list[Figure]:
    note = "the mean of the fastest tenth, in one process, one call of each in turn; a line is what it adds to the one "
    note += "before; `limit` is the promise"
    names, times = list(taken), list(taken.values())
    added = [times[0], *(after - before for before, after in pairwise(times))]
    figures = [Figure("layers", name, "µs", each, note=note) for name, each in zip(names, added, strict=True)]
    four = times[-1] - taken["+ the API's frame (DRF)"]
    return [*figures, Figure("layers", "key check, permission, three limits, audit row", "µs", four, limit=PROMISED)]


def _of_lists(taken: dict[str, float]) -> list[Figure]:
    note = "in brackets: the whole list with one thing done the naive way"
    whole = taken["whole list of 50"]
    return [
        Figure("layers", name, "µs", whole, None if name == "whole list of 50" else value, note=note)
        for name, value in taken.items()
    ]
