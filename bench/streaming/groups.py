"""Ours beside stock Channels groups, where every message goes through Redis once for each socket."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import orjson
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.utils import timezone

from bench import naive_stream, servers
from bench.figures import Figure, in_turn
from bench.scale import Scale
from bench.streaming import crowd, load
from bench.streaming.changes import TYPE, Changes
from bench.streaming.client import Subscription
from bench.streaming.load import Paced
from bench.world import World
from bugs import selectors
from config import programs
from streaming import presenters

SOCKETS, TINY = 500, 50
FEW_AT_ONCE = 50  # the layer refuses more than 100 connections to Redis
STOCK = load.uvicorn("bench.naive_stream:channels_groups", "websockets-sansio")
PACES = {"single": Paced(10, 4.0), "steady": Paced(60, 20.0)}
P99_MS, TIMES_LESS, CPU_US, KIB = 60.0, 5.0, 40.0, 25.0  # promised
NOTE = (
    "naive: a stock Channels group (channels_redis.core) on the same server, the same bytes, rounds in turn; from the "
    "commit until a socket has it; a quarter of ours ask one of four filters; CPU of the stream process alone, with "
    "all that it does meanwhile; `limit` is the promise"
)


class GroupChanges(Changes):
    """The same changes, told as the Channels tutorial does."""

    def forget(self) -> None:
        super().forget()
        self._ids: list[str] = []
        self._layer: Any = get_channel_layer()

    def make(self) -> None:
        super().make()
        self._ids.append(str(uuid4()))
        text = presenters.message("all", "00000000.00000000", self._event(self._ids[-1]))
        async_to_sync(self._layer.group_send)(naive_stream.GROUP, {"type": "changed", "text": text})

    def commits(self) -> Mapping[str, float]:
        return dict(zip(self._ids, self.committed, strict=True))

    def _event(self, event_id: str) -> bytes:
        """As large as ours."""
        document = orjson.loads(selectors.documents_by_id([self.bug_id]).popitem()[1])
        fact = {
            "id": event_id,
            "type": TYPE,
            "subject": f"bug:{self.bug_id}",
            "project_id": str(uuid4()),
            "occurred_at": timezone.now().isoformat(),
            "data": {"changes": {"status": {"from": "triaged", "to": self.status}}, "status": self.status},
        }
        return presenters.event(fact, document, form="json")


def measure(world: World, scale: Scale) -> list[Figure]:
    """A fresh process each round: what stock groups lose with a socket that closes would be lost by the next round."""
    size = TINY if scale.name == "tiny" else SOCKETS
    nothing: list[Subscription | None] = [None] * size

    def ours() -> dict[str, float]:
        return _round(world, programs.stream_command, load.subscriptions(size), Changes(world.principal_of_one))

    def naive() -> dict[str, float]:
        return _round(world, STOCK, nothing, GroupChanges(world.principal_of_one))

    found = in_turn({"bugwire": ours, "naive": naive}, scale.rounds)
    return _figures(size, found["bugwire"], found["naive"])


def _round(
    world: World, argv: Callable[[int], list[str]], asked: list[Subscription | None], moved: Changes
) -> dict[str, float]:
    with (
        load.serving(argv, world.directory / "stream.log") as (port, pid),
        crowd.of([f"{servers.HOST}:{port}"], world.key_of_one) as clients,
    ):
        connected = load.connect(pid, clients, asked, moved, FEW_AT_ONCE)
        found = dict(asdict(connected))
        for name, pace in PACES.items():
            delivered = asdict(load.measure(pid, clients, moved, pace))
            found |= {f"{name}_{key}": value for key, value in delivered.items()}
    return found


def _figures(size: int, ours: Mapping[str, float], naive: Mapping[str, float]) -> list[Figure]:
    single, steady = f"{size} sockets, a change now and then", f"{size} sockets, 20 changes/s"
    lines = [
        (single, "p50 ms", "single_p50", None),
        (single, "p99 ms", "single_p99", P99_MS),
        (single, "lost", "single_missing", 0.0),
        (single, "CPU µs/delivery", "single_cpu_us", CPU_US),
        (steady, "p50 ms", "steady_p50", None),
        (steady, "p99 ms", "steady_p99", P99_MS),
        (steady, "lost", "steady_missing", 0.0),
        (steady, "CPU µs/delivery", "steady_cpu_us", CPU_US),
        (f"{size} sockets", "KiB/idle socket", "kib", KIB),
        (f"{size} sockets", "accepts/s", "accepts", None),
    ]
    figures = [Figure("streaming", case, unit, ours[key], naive[key], limit, NOTE) for case, unit, key, limit in lines]
    ratios = {
        case: naive[f"{key}_cpu_us"] / ours[f"{key}_cpu_us"] for case, key in ((single, "single"), (steady, "steady"))
    }
    return figures + [
        Figure("streaming", case, "times less CPU than groups", ratio, None, TIMES_LESS)
        for case, ratio in ratios.items()
    ]
