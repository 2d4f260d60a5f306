"""One stream process with ever more sockets."""

from bench import servers
from bench.figures import Figure
from bench.scale import Scale
from bench.streaming import crowd, load
from bench.streaming.changes import Changes
from bench.streaming.load import Connected, Delivered, Paced
from bench.world import World
from config import programs

SIZES = {2_000: Paced(10, 2.0), 5_000: Paced(8, 1.0), 9_000: Paced(6, 1.0)}  # a change has arrived before the next
P99_MS = {2_000: 120.0, 5_000: 400.0}  # promised
KIB, CPU_US = 25.0, 40.0  # promised
NOTE = (
    "KiB: growth of the process's own memory, kernel buffers left out; accepts: until subscribed, 200 at a time, with "
    "their records in the access log"
)


def measure(world: World, scale: Scale) -> list[Figure]:
    sizes = {size: pace for size, pace in SIZES.items() if size <= scale.sockets} or {scale.sockets: Paced(5, 5.0)}
    return [figure for size, pace in sizes.items() for figure in _figures(size, *_one(world, size, pace))]


def _one(world: World, size: int, pace: Paced) -> tuple[Connected, Delivered]:
    with (
        load.serving(programs.stream_command, world.directory / "stream.log") as (port, pid),
        crowd.of([f"{servers.HOST}:{port}"], world.key_of_one) as clients,
    ):
        moved = Changes(world.principal_of_one)
        connected = load.connect(pid, clients, load.subscriptions(size), moved)
        return connected, load.measure(pid, clients, moved, pace)


def _figures(size: int, connected: Connected, delivered: Delivered) -> list[Figure]:
    lines = [
        ("p50 ms", delivered.p50, None),
        ("p99 ms", delivered.p99, P99_MS.get(size)),
        ("lost", delivered.missing, 0.0),
        ("CPU µs/delivery", delivered.cpu_us, CPU_US),
        ("KiB/idle socket", connected.kib, KIB),
        ("accepts/s", connected.accepts, None),
        ("CPU ms/accept", connected.accept_cpu_ms, None),
    ]
    return [Figure("streaming", f"{size:,} sockets", unit, value, None, limit, NOTE) for unit, value, limit in lines]
