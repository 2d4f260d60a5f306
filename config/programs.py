"""The processes of Bugwire and the command line of each: what `make run`, the benchmark and the tests start."""

import sys
from collections.abc import Callable

from config import watch

HOST = "127.0.0.1"
GRANIAN = (
    "--workers 2 --workers-kill-timeout 5 --blocking-threads 96 --backlog 4096 --respawn-failed-workers --no-ws "
    "--log-level warning"
)
UVICORN = (
    "--ws websockets-sansio --ws-max-size 65536 --ws-ping-interval 20 --ws-per-message-deflate false "
    "--no-proxy-headers --no-access-log --timeout-graceful-shutdown 5 --log-level warning"
)
DIGEST = "--pool solo -Q ingest --without-gossip --without-mingle"
WORKER = "--pool threads --concurrency 8 -Q celery,events,deliveries,exports --without-gossip --without-mingle"
DIGESTS = 2


def all_of(web: int, stream: int) -> tuple[list[watch.Program], list[watch.Program]]:
    """The doors people wait for, then those that work behind them."""

    def python(module: str, arguments: str) -> list[str]:
        return [sys.executable, "-m", module, *arguments.split()]

    beat = "beat --scheduler django_celery_beat.schedulers:DatabaseScheduler --loglevel warning --pidfile="
    doors = [
        watch.Program(
            "web",
            python("granian", f"--interface wsgi config.wsgi:application --host {HOST} --port {web} {GRANIAN}"),
        ),
        watch.Program(
            "stream",
            python("uvicorn", f"config.asgi:application --host {HOST} --port {stream} {UVICORN}"),
            {"DATABASE_POOL": "1"},
        ),
    ]
    hands = [
        watch.Program(
            "worker",
            python("celery", f"-q -A config.celery worker {WORKER} --without-heartbeat --loglevel warning"),
            {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"},
            grace=15,
        ),
        *(_digest(python, number) for number in range(1, DIGESTS + 1)),
        watch.Program("beat", python("celery", f"-q -A config.celery {beat}")),
    ]
    return doors, hands


def _digest(python: Callable[[str, str], list[str]], number: int) -> watch.Program:
    """What reads envelopes gives way to what answers people."""
    arguments = f"-q -A config.celery worker {DIGEST} -n digest{number}@%h --without-heartbeat --loglevel warning"
    argv = ["nice", "-n", "5", *python("celery", arguments)]
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    return watch.Program(f"digest{number}", argv, quiet, grace=15)
