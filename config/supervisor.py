"""`make run`: the servers, the migrations, then web, stream, worker and beat, kept alive until Ctrl-C."""

import fcntl
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from config import embedded, programs, tls, watch
from config.doorway import Doorway

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data").resolve()
READY_SECONDS = 60.0
SHOWN_ONCE = ("api_key", "dsn", "project")
# Webhooks may go to a receiver on this machine, which is what one has while trying things out.
ON_THIS_MACHINE = {"OUTBOUND_ALLOW_CIDRS": "127.0.0.0/8", "OUTBOUND_PLAIN_HTTP": "true"}
_PREPARE = """
import django
from django.core.management import call_command
django.setup()
call_command("migrate", interactive=False, verbosity=0)
call_command("bootstrap")
"""


class Refused(RuntimeError):
    """A sentence for the person at the terminal."""


class _Interrupted(Exception):
    pass


# Before anything starts -----------------------------------------------------------------------------------


@contextmanager
def _alone() -> Iterator[None]:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (DATA_DIR / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Refused(f"Bugwire already runs on {DATA_DIR} as process {file.read().strip() or '?'}.") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _doorway() -> Doorway:
    """What others may see of this machine goes over TLS."""
    try:
        identity = tls.identity(os.environ.get("TLS_CERTIFICATE", ""), os.environ.get("TLS_KEY", ""))
        doorway = Doorway(os.environ.get("LISTEN_ADDRESS") or programs.HOST, identity)
        is_safe = bool(identity) or doorway.is_for_this_machine
    except ValueError as error:
        raise Refused(str(error)) from None
    if not is_safe:
        raise Refused("LISTEN_ADDRESS can be reached from other machines: set TLS_CERTIFICATE and TLS_KEY too.")
    return doorway


def _port(variable: str, default: int, doorway: Doorway) -> int:
    """The port, when it is a number and free."""
    value = os.environ.get(variable) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise Refused(f"{variable} must be a port number, not {value!r}.")
    if reason := doorway.why_not(int(value)):
        raise Refused(f"Port {value} cannot be used ({reason}); take another: make run {variable}={int(value) + 10}")
    return int(value)


def _make_secret_key() -> None:
    path = DATA_DIR / "secret_key"
    if not os.environ.get("SECRET_KEY") and not path.exists():
        _write(path, secrets.token_urlsafe(48))


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for this user alone."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _tell_scripts(run: dict[str, Any]) -> None:
    try:
        _write(DATA_DIR / "run.json", json.dumps(run, indent=2))
    except OSError as error:  # a disk that is full now must not stop what runs
        print(f"run.json could not be written: {error}", file=sys.stderr)


# The database made ready ----------------------------------------------------------------------------------


def _prepare_database() -> dict[str, Any]:
    """Migrations, then the first project, operator and key, in one process: loading Django takes a second."""
    argv = [sys.executable, "-c", _PREPARE]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        log = DATA_DIR / "prepare.log"
        _write(log, done.stdout + done.stderr)
        named = [line for line in done.stderr.splitlines() if re.match(r"[\w.]+: ", line)]
        raise Refused(f"The database could not be made ready: {named[-1] if named else ''}\nAll of it is in {log}.")
    shown = json.loads(done.stdout.strip().splitlines()[-1])
    return shown if isinstance(shown, dict) else {}


def _credentials(shown: dict[str, Any]) -> dict[str, Any]:
    """What `bootstrap` shows only once is carried over from the last run."""
    kept = _last_run()
    result = {name: shown.get(name) or kept.get(name) for name in SHOWN_ONCE}
    operator = {**(shown.get("operator") or {})}
    before = kept.get("operator") or {}
    if not operator.get("password") and operator.get("username", before.get("username")) == before.get("username"):
        operator = {**before, **{name: value for name, value in operator.items() if value}}
    return {**result, "operator": operator or None}


def _last_run() -> dict[str, Any]:
    try:
        kept = json.loads((DATA_DIR / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


# The processes --------------------------------------------------------------------------------------------


def _servers() -> list[embedded.Server]:
    servers: list[embedded.Server] = []
    if not os.environ.get("DATABASE_URL"):
        servers.append(embedded.Postgres(DATA_DIR))
    if not os.environ.get("REDIS_URL"):
        servers.append(embedded.Valkey(DATA_DIR))
    return servers


def _wait_until_ready(keeper: watch.Keeper, doorway: Doorway, ports: list[int]) -> None:
    limit = time.monotonic() + READY_SECONDS
    for port in ports:
        while reason := doorway.not_ready(port):
            if time.monotonic() > limit:
                raise Refused(f"Port {port} is not ready after {READY_SECONDS:.0f} s: {reason}")
            keeper.turn(0.05)


# What the person reads --------------------------------------------------------------------------------------


def _announce(run: dict[str, Any], seconds: float) -> None:
    operator = run["operator"] or {}
    password = operator.get("password") or "(as you set it)"
    lines = [
        f"Bugwire is ready after {seconds:.1f} s.",
        "",
        f"  Dashboard  {run['web']}/        sign in: {operator.get('username', '?')} / {password}",
        f"  Admin      {run['web']}/admin/  asks for an authenticator app at the first visit",
        f"  API        {run['web']}/api/docs/",
        f"  Live       {run['stream']}",
        f"  Sentry DSN {run['dsn'] or '(shown once; make another in the admin)'}",
        f"  API key    {run['api_key'] or '(shown once; make another in the admin)'}",
        "",
        f'  curl -H "Authorization: Bearer {run["api_key"] or "$KEY"}" {run["web"]}/api/v1/bugs/',
        "",
        f"All of this is in {DATA_DIR / 'run.json'}. `make demo` plays the story. Ctrl-C stops.",
    ]
    print("\n".join(lines), flush=True)


def _serve(began: float) -> None:
    doorway = _doorway()
    if doorway.is_for_this_machine:
        os.environ.update({**ON_THIS_MACHINE, **os.environ})
    web, stream = _port("PORT", 8000, doorway), _port("STREAM_PORT", 8001, doorway)
    if web == stream:
        raise Refused("PORT and STREAM_PORT must differ.")
    _make_secret_key()
    for name in ("static", "media"):
        (DATA_DIR / name).mkdir(exist_ok=True)
    with watch.Keeper() as keeper:
        _interruptible(keeper)
        for server in _servers():
            keeper.add_server(server)
        run = {
            "web": doorway.url("http", web),
            "stream": f"{doorway.url('ws', stream)}/ws/v1/stream",
            **_credentials(_prepare_database()),
            "started_at": datetime.now(UTC).isoformat(),
        }
        keeper.on_change = lambda: _tell_scripts({**run, "pids": keeper.pids()})
        doors, hands = programs.all_of(web, stream, host=doorway.host, identity=doorway.identity)
        for program in doors:
            keeper.add_program(program)
        _wait_until_ready(keeper, doorway, [web, stream])
        for program in hands:
            keeper.add_program(program)
        _announce(run, time.monotonic() - began)
        while True:
            keeper.turn(0.2)


def _interruptible(keeper: watch.Keeper) -> None:
    """The first signal unwinds everything in order, the second kills."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        if keeper.stopping:
            keeper.kill()
            os._exit(130)
        keeper.stopping = True
        raise _Interrupted

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def main() -> int:
    began = time.monotonic()
    os.chdir(BASE_DIR)
    os.environ["DATA_DIR"] = str(DATA_DIR)
    try:
        with _alone():
            _serve(began)
    except (_Interrupted, KeyboardInterrupt):
        print("Bugwire has stopped.")
    except (Refused, embedded.CannotStart) as reason:
        print(reason, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error}. Another place for the data: make run DATA_DIR=...", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
