"""One change of a bug to every socket; beside stock Channels groups; beside a loop that only sends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import uvloop
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import close_old_connections

from bench import naive_stream, servers
from bench.figures import Figure, in_turn, percentile
from bench.scale import Scale
from bench.world import World
from bugs import selectors, services
from bugs.choices import Status

Trigger = Callable[[], None]


def measure(world: World, scale: Scale) -> list[Figure]:
    log = world.directory / "stream.log"
    ours = servers.stream("config.asgi:application", log)
    naive = servers.stream("bench.naive_stream:channels_groups", log)
    with ours as first, naive as second, servers.stream("bench.naive_stream:bare", log) as third:
        found = in_turn(
            {
                "bugwire": lambda: uvloop.run(_hear(*first, world, scale, _change(world), subscribe=True)),
                "naive": lambda: uvloop.run(_hear(*second, world, scale, _change_and_tell(world))),
                "limit": lambda: uvloop.run(_hear(*third, world, scale, None)),
            },
            scale.rounds,
        )
    units = {"p50": "p50 ms", "p99": "p99 ms", "cpu": "stream CPU µs/delivery"}
    note = "from before the change is made until each socket has it; naive is a Channels group; "
    note += "limit only sends, with no database, rights or filters"
    return [
        Figure("fanout", f"1 change to {scale.sockets} sockets", unit, *(found[way][key] for way in found), note)
        for key, unit in units.items()
    ]


def _change(world: World) -> Trigger:
    """Moves the newest started bug to triaged and back."""

    def change() -> None:
        close_old_connections()
        _move(world)

    return change


def _move(world: World) -> Any:
    fresh = selectors.bugs_for(world.principal_of_one).filter(status__in=(Status.IN_PROGRESS, Status.TRIAGED))
    bug = fresh.order_by("-created_at", "-id")[0]
    to = Status.TRIAGED if bug.status == Status.IN_PROGRESS else Status.IN_PROGRESS
    return services.change_status(bug.pk, to=to, by=world.principal_of_one)


def _change_and_tell(world: World) -> Trigger:
    layer: Any = get_channel_layer()

    def change_and_tell() -> None:
        close_old_connections()
        text = selectors.documents_by_id([_move(world).pk]).popitem()[1]
        async_to_sync(layer.group_send)(naive_stream.GROUP, {"type": "changed", "text": text})

    return change_and_tell


async def _hear(
    port: int, pid: int, world: World, scale: Scale, trigger: Trigger | None, *, subscribe: bool = False
) -> dict[str, float]:
    address = f"127.0.0.1:{port}/ws/v1/stream"
    headers = {"Authorization": f"Bearer {world.key_of_one}"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        sockets = [await _open(session, address, subscribe) for _ in range(scale.sockets)]
        body = b"x" * 700
        post = session.post

        async def fire() -> None:
            if trigger:
                await asyncio.to_thread(trigger)
            else:
                async with post(f"http://127.0.0.1:{port}/", data=body):
                    pass

        await _round(sockets, fire)  # warms every path
        times: list[float] = []
        used = servers.cpu_seconds(pid)
        for _ in range(scale.changes):
            times += await _round(sockets, fire)
        used = servers.cpu_seconds(pid) - used
        await asyncio.gather(*(socket.close() for socket in sockets))
    p50, p99 = percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000
    return {"p50": p50, "p99": p99, "cpu": used / len(times) * 1e6}


async def _open(session: aiohttp.ClientSession, address: str, subscribe: bool) -> aiohttp.ClientWebSocketResponse:
    socket = await session.ws_connect(f"ws://{address}", compress=0)
    if subscribe:
        await socket.receive_json()
        await socket.send_json({"op": "subscribe", "id": "all", "type": "bug_updates"})
        answer = await socket.receive_json()
        if answer["op"] != "subscribed":
            raise RuntimeError(answer)
    return socket


async def _round(sockets: list[Any], fire: Callable[[], Awaitable[None]]) -> list[float]:
    began = time.perf_counter()

    async def one(socket: Any) -> float:
        while (await socket.receive_str(timeout=20)).startswith('{"op":"ping"'):
            pass
        return time.perf_counter() - began

    firing = asyncio.ensure_future(fire())
    times = await asyncio.gather(*map(one, sockets))
    await firing
    return list(times)
