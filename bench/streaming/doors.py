"""The same application on each ASGI server that could carry it, one after the other."""

from collections.abc import Callable

from bench import servers
from bench.figures import Figure
from bench.scale import Scale
from bench.streaming import crowd, load
from bench.streaming.changes import Changes
from bench.streaming.load import Connected, Delivered, Paced
from bench.world import World
from config import programs

APPLICATION = "config.asgi:application"
SOCKETS, TINY = 500, 50
PACE = Paced(40, 10.0)
OURS = "ours (uvicorn, websockets-sansio)"
SERVERS: dict[str, Callable[[int], list[str]]] = {
    OURS: programs.stream_command,
    "uvicorn, websockets": load.uvicorn(APPLICATION, "websockets"),
    "granian": lambda port: load.python(
        f"granian --interface asgi {APPLICATION} --port {port} --workers 1 --backlog 4096 --log-level warning"
    ),
    "daphne": lambda port: load.python(f"daphne -b {servers.HOST} -p {port} --verbosity 0 {APPLICATION}"),
}
NOTE = "servers: the same application, 500 sockets, 10 changes/s, one after the other"


def measure(world: World, scale: Scale) -> list[Figure]:
    size = TINY if scale.name == "tiny" else SOCKETS
    return [figure for name in SERVERS for figure in _figures(name, *_one(world, name, size))]


def _one(world: World, name: str, size: int) -> tuple[Connected, Delivered]:
    with (
        load.serving(SERVERS[name], world.directory / "stream.log") as (port, pid),
        crowd.of([f"{servers.HOST}:{port}"], world.key_of_one) as clients,
    ):
        moved = Changes(world.principal_of_one)
        connected = load.connect(pid, clients, load.subscriptions(size), moved)
        return connected, load.measure(pid, clients, moved, PACE)


def _figures(name: str, connected: Connected, delivered: Delivered) -> list[Figure]:
    lines = [
        ("p99 ms", delivered.p99),
        ("CPU µs/delivery", delivered.cpu_us),
        ("KiB/idle socket", connected.kib),
        ("accepts/s", connected.accepts),
        ("lost", delivered.missing),
    ]
    return [Figure("streaming", f"on {name}", unit, value, note=NOTE) for unit, value in lines]
