"""Runs one program with an SDK in it, with nothing of ours in its environment but the address to send to."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECONDS = 60
COMMANDS = {"python": [sys.executable], "node": ["node"], "browser": [sys.executable]}
RELEASE, ENVIRONMENT = "shop@2.4.1", "production"


@dataclass(frozen=True)
class Program:
    """A file beside this one. major: the version of the SDK, where several are installed."""

    runtime: str
    file: str
    arguments: tuple[str, ...] = ()
    major: str = ""

    def run(self, dsn: str) -> list[str]:
        """The words that it printed, among them the ids of what it sent."""
        env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        env |= {"SENTRY_DSN": dsn, "SENTRY_RELEASE": RELEASE, "SENTRY_ENVIRONMENT": ENVIRONMENT}
        env |= {"SDK_MAJOR": self.major, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [*COMMANDS[self.runtime], self.file, *self.arguments]
        done = subprocess.run(
            command, cwd=HERE / self.runtime, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr[-2_000:]}")
        return done.stdout.split()
