"""One problem of a program: always the same stack, but for the lines that each release moves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from bench.corpus import captured, frames, sources
from bench.corpus.gapped import Gapped, epoch, when
from bench.corpus.words import ACTS, COMPONENTS, ERRORS

RELEASES = ("shop@2.4.0", "shop@2.4.1", "shop@2.5.0", "shop@2.5.1", "shop@2.6.0")
SMALLEST, LARGEST, MEDIAN, SPREAD = 5_500, 22_000, 9_500, 0.45  # bytes, lognormal
PLATFORMS = {"python": 65, "node": 20, "javascript": 15}  # of a hundred problems
KEPT_FRAMES = 4  # of a captured stack: its outermost, which many problems share
FRAMES_MIN, FRAMES_MAX = 4, 50  # of a problem's own


def make(number: int) -> tuple[Gapped, ...]:
    """Its event of each release; the same for the same number."""
    dice = Random(f"problem {number}")
    (platform,) = dice.choices(tuple(PLATFORMS), tuple(PLATFORMS.values()))
    ground = dice.choice(captured.events(platform))
    size = min(LARGEST, max(SMALLEST, dice.lognormvariate(0, SPREAD) * MEDIAN))
    event = _event(ground, platform, dice)
    stack = _stack(platform, dice, size - len(orjson.dumps(event)))
    return tuple(Gapped(_of_release(event, stack, release)) for release in range(len(RELEASES)))


def _event(ground: dict[str, Any], platform: str, dice: Random) -> dict[str, Any]:
    component, act = dice.choice(COMPONENTS), dice.choice(ACTS)
    trace = {"trace_id": "@@trace@@", "span_id": "@@span@@", "op": "http.server"}
    return ground | {
        "event_id": "@@event@@",
        "timestamp": when(0) if platform == "python" else epoch(0),
        "level": "error",
        "environment": dice.choice(("production", "production", "staging")),
        "server_name": "@@host@@",
        "transaction": f"/api/v1/{component}/{{id}}/{act}/",
        "exception": {"values": [_exception(ground, dice)]},
        "breadcrumbs": {"values": list(_crumbs(platform, dice))},
        "user": {"id": "@@user@@", "email": "customer-@@user@@@shop.example", "ip_address": "@@ip@@"},
        "request": _request(component, act, dice),
        "tags": {"component": component, "tenant": "t@@user@@", "payment": dice.choice(("card", "invoice", "wallet"))},
        "contexts": {**ground.get("contexts", {}), "trace": trace},
    }


def _exception(ground: dict[str, Any], dice: Random) -> dict[str, Any]:
    """Its stack is the ground's outermost frames; the problem's own come below them."""
    said = re.sub(r"\*", lambda _: dice.choice(COMPONENTS), dice.choice(ERRORS))
    kind, _, value = said.partition(": ")
    last = ground["exception"]["values"][-1]
    value += dice.choice(("", "", " (order @@order@@)", " after @@number@@ ms", " for customer-@@user@@"))
    return {
        "type": kind if dice.random() < 0.5 else f"{dice.choice(COMPONENTS).title()}{kind}",
        "value": value,
        "mechanism": last.get("mechanism") or {"type": "generic", "handled": False},
        "stacktrace": {"frames": last["stacktrace"]["frames"][:KEPT_FRAMES]},
    }


def _request(component: str, act: str, dice: Random) -> dict[str, Any]:
    return {
        "url": f"https://shop.example/api/v1/{component}/@@order@@/{act}/",
        "method": dice.choice(("GET", "POST", "POST", "PATCH")),
        "query_string": "page=@@number@@&token=@@span@@",
        "headers": {
            "Host": "shop.example",
            "User-Agent": f"Mozilla/5.0 (X11; Linux x86_64; rv:{dice.randint(120, 146)}.0) Gecko/20100101 Firefox",
            "Accept": "application/json",
            "X-Request-Id": "@@uuid@@",
        },
    }


def _crumbs(platform: str, dice: Random) -> Iterator[dict[str, Any]]:
    """Oldest first, as SDKs send them."""
    stamp = when if platform == "python" else epoch
    for seconds in sorted((dice.expovariate(1 / 40) for _ in range(dice.randint(4, 30))), reverse=True):
        yield {"timestamp": stamp(seconds), "level": "info", **_crumb(dice.choice(COMPONENTS), dice)}


def _crumb(component: str, dice: Random) -> dict[str, Any]:
    kind = dice.choice(("http", "query", "log", "default"))
    if kind == "http":
        answer = {"method": "GET", "status_code": dice.choice((200, 200, 404, 503))}
        return {"type": kind, "category": kind, "data": {"url": f"https://{component}.internal/v2/@@order@@", **answer}}
    said = {
        "query": ("query", f'SELECT "{component}"."id" FROM "{component}" WHERE "{component}"."id" = @@order@@'),
        "log": (f"shop.{component}", f"{component} @@number@@ took @@ms@@ ms"),
        "default": ("ui.click", f"button#{component}-{dice.choice(ACTS)}"),
    }
    category, message = said[kind]
    return {"type": kind, "category": category, "message": message}


@dataclass(frozen=True, slots=True)
class _Step:
    place: sources.Place
    seed: int  # what its variables are drawn from, the same in every release


def _stack(platform: str, dice: Random, room: float) -> list[_Step]:
    """Places until there is no room; the innermost is the program's own."""
    every = sources.python() if platform == "python" else sources.javascript()
    ours = [place for place in every if place.in_app]
    steps: list[_Step] = []
    while len(steps) < FRAMES_MIN or (room > 0 and len(steps) < FRAMES_MAX):
        place = dice.choice(ours if dice.random() < 0.4 or not steps else every)
        steps.append(_Step(place, dice.randrange(1 << 30)))
        room -= len(orjson.dumps(_frame(steps[-1], platform, 0)))
    return steps[::-1]


def _frame(step: _Step, platform: str, release: int) -> dict[str, Any]:
    shift = release * (1 + len(step.place.source) % 7) if step.place.in_app else 0
    return frames.frame(step.place, platform, shift, Random(step.seed))


def _of_release(event: dict[str, Any], stack: list[_Step], release: int) -> dict[str, Any]:
    thrown = event["exception"]["values"][0]
    own = [_frame(step, event["platform"], release) for step in stack]
    thrown = thrown | {"stacktrace": {"frames": [*thrown["stacktrace"]["frames"], *own]}}
    return event | {"exception": {"values": [thrown]}, "release": RELEASES[release]}
