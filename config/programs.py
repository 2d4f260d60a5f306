"""The processes of Bugwire and the command line of each: what `make run`, the benchmark and the tests start."""

import sys

from config import tls, watch

HOST = "127.0.0.1"
GRANIAN = (
    "--workers 2 --workers-kill-timeout 5 --blocking-threads 96 --backlog 4096 --respawn-failed-workers --no-ws "
    "--http2-max-headers-size 65536 --log-level warning"
)
DIGEST = "--pool solo -Q ingest --without-gossip --without-mingle"
WORKER = "--pool threads --concurrency 8 -Q celery,events,deliveries,exports --without-gossip --without-mingle"
DIGESTS = 2


def all_of(
    web: int, stream: int, *, host: str = HOST, identity: tls.Identity | None = None
) -> tuple[list[watch.Program], list[watch.Program]]:
    """The doors people wait for, then those that work behind them."""
    doors = [
        watch.Program("web", web_command(web, host=host, identity=identity)),
        watch.Program("stream", stream_command(stream, host=host, identity=identity)),
    ]
    beat = "beat --scheduler django_celery_beat.schedulers:DatabaseScheduler --loglevel warning --pidfile="
    hands = [
        watch.Program(
            "worker",
            _python("celery", f"-q -A config.celery worker {WORKER} --without-heartbeat --loglevel warning"),
            {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"},
            grace=15,
        ),
        *(_digest(number) for number in range(1, DIGESTS + 1)),
        watch.Program("beat", _python("celery", f"-q -A config.celery {beat}")),
    ]
    return doors, hands


def web_command(
    port: int, application: str = "config.wsgi:application", *, host: str = HOST, identity: tls.Identity | None = None
) -> list[str]:
    command = _python("granian", f"--interface wsgi {application} --host {host} --port {port} {GRANIAN}")
    if identity:
        command += ["--ssl-certificate", identity.certificate, "--ssl-keyfile", identity.key]
        command += ["--ssl-protocol-min", "tls1.3"]
    return command


def stream_command(
    port: int, application: str = "config.asgi:application", *, host: str = HOST, identity: tls.Identity | None = None
) -> list[str]:
    command = _python("config.stream.server", f"{application} --host {host} --port {port}")
    if identity:
        command += ["--certificate", identity.certificate, "--key", identity.key]
    return command


def _python(module: str, arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments.split()]


def _digest(number: int) -> watch.Program:
    """What reads envelopes gives way to what answers people."""
    arguments = f"-q -A config.celery worker {DIGEST} -n digest{number}@%h --without-heartbeat --loglevel warning"
    argv = ["nice", "-n", "5", *_python("celery", arguments)]
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    return watch.Program(f"digest{number}", argv, quiet, grace=15)
