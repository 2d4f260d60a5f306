"""`make bench [SCALE=tiny|10k|100k|1m] [ARGS="reading layers"]`: its own servers, its own data, one table."""

import importlib
import os
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import django
from rich.console import Console

from bench import results
from bench.figures import Figure
from bench.scale import SCALES, Scale
from config import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
SUBJECTS = (
    "filling",
    "latency",
    "reading",
    "crowd",
    "growth",
    "plans",
    "layers",
    "streaming",
    "exporting",
    "ingest",
    "personal",
    "sealing",
)
PARTS = (  # of ingest and of streaming, for a shorter look
    *(f"ingest.{part}" for part in ("rates", "storage", "burst", "memory")),
    *(f"streaming.{part}" for part in ("groups", "sizes", "doors", "slow", "herd", "survival")),
)
PROMISED = {"latency", "reading", "crowd", "growth", "plans", "layers"}  # a run with all of these is written down
# A quarter of the memory, as its manual advises; PostgreSQL's own defaults are for a machine of 2005.
MEMORY = {
    "shared_buffers": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2**22}MB",
    "max_wal_size": "8GB",
    "maintenance_work_mem": "512MB",
}
COUNTED = 100_000
console = Console()


def main() -> int:
    name = os.environ.get("SCALE") or "100k"
    chosen = sys.argv[1:] or list(SUBJECTS)
    if name not in SCALES or not set(chosen) <= {*SUBJECTS, *PARTS}:
        console.print(f"SCALE is one of {', '.join(SCALES)}; subjects are {', '.join(SUBJECTS + PARTS)}.")
        return 2
    scale = SCALES[name]
    directory = BASE_DIR / ".data" / f"bench-{name}"
    began = time.monotonic()
    with ExitStack() as running:
        _start(running, directory)
        figures = _measure(directory, scale, chosen)
        if set(chosen) >= PROMISED and name != "tiny":
            results.write(figures, scale, results.DIRECTORY, time.monotonic() - began)
            shutil.copy(directory / "plans.txt", results.DIRECTORY / "plans.txt")
    results.show(figures, console)
    return 0


def _start(running: ExitStack, directory: Path) -> None:
    """Servers first: the settings name them."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "static").mkdir(exist_ok=True)
    environment = {"DATA_DIR": str(directory), "SECRET_KEY": "the benchmark's own key, it protects nothing"}
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="config.settings")
    for variable in ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "DATABASE_POOL"):
        os.environ.pop(variable, None)  # whatever they name is not ours to fill
    running.enter_context(embedded.Postgres(directory, MEMORY))
    running.enter_context(embedded.Valkey(directory))


def _measure(directory: Path, scale: Scale, chosen: list[str]) -> list[Figure]:
    django.setup()
    from django.core.management import call_command

    from bench import filling, seed, warming, world
    from bugs.models import Bug

    call_command("migrate", interactive=False, verbosity=0)
    if not Bug.objects.exists():
        counted = scale.bugs >= COUNTED  # recounting looks at every day of every project, however little there is
        took = seed.fill(bugs=scale.bugs, errors=scale.reports, rollups=counted)
        filling.keep(directory, took)
    warming.warm()
    made = world.make(directory)
    figures: list[Figure] = []
    for name in dict.fromkeys(["filling", *chosen]):
        with console.status(f"{name} …"):
            began = time.monotonic()
            figures += importlib.import_module(f"bench.{name}").measure(made, scale)
        console.print(f"{name}: {time.monotonic() - began:.0f} s")
    return figures


if __name__ == "__main__":
    sys.exit(main())
