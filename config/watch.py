"""Keeps processes alive: prefixed logs, restarts with back-off, an orderly end."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Self

from config import embedded, processes

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
STEADY_SECONDS = 30.0  # after so long the next pause is short again
COLOURS = {"web": 36, "stream": 35, "worker": 33, "beat": 32, "postgres": 34, "valkey": 31}


class Program:
    """A command whose output we pass on line by line."""

    stop_signal = signal.SIGTERM

    def __init__(self, name: str, argv: list[str], env: Mapping[str, str] | None = None, grace: float = 8.0) -> None:
        self.name, self.argv, self.env, self.grace = name, argv, env or {}, grace
        self.process: subprocess.Popen[bytes] | None = None
        self._unfinished = b""

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    def restart(self) -> None:
        env = {**os.environ, "PYTHONUNBUFFERED": "1", **self.env}
        self.process = processes.launch(self.argv, env=env, output=subprocess.PIPE)
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)

    def lines(self) -> list[str] | None:
        """Whole lines that have arrived; None at the end."""
        assert self.process is not None and self.process.stdout is not None
        data = self.process.stdout.read(65536)
        if data == b"":
            return None
        *whole, self._unfinished = (self._unfinished + (data or b"")).split(b"\n")
        return [line.decode(errors="replace") for line in whole]


class _Kept:
    """One thing that must live, and when to try again."""

    def __init__(self, what: "Program | embedded.Server") -> None:
        self.what = what
        self.pause = FIRST_PAUSE
        self.started = time.monotonic()
        self.again_at: float | None = None

    def fell(self) -> float:
        """Returns the pause before the next try."""
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.again_at = time.monotonic() + pause
        return pause


class Keeper:
    """A context manager: leaving it stops programs in the order they were added, then servers in reverse."""

    def __init__(self) -> None:
        self.stopping = False
        self.on_change: Callable[[], None] = lambda: None
        self._servers: list[_Kept] = []
        self._programs: list[_Kept] = []
        self._selector = selectors.DefaultSelector()

    def add_server(self, server: embedded.Server) -> None:
        self._servers.append(_Kept(server))
        server.start()

    def add_program(self, program: Program) -> None:
        kept = _Kept(program)
        self._programs.append(kept)
        self._begin(kept)

    def pids(self) -> dict[str, int | None]:
        return {kept.what.name: kept.what.pid for kept in [*self._servers, *self._programs]}

    def turn(self, seconds: float) -> None:
        """Pass on what was written, see who has ended, restart who is due."""
        self._pass_on(seconds)
        for kept in [*self._servers, *self._programs]:
            if kept.again_at is None and kept.what.pid is None:
                self._fell(kept)
            elif kept.again_at is not None and time.monotonic() >= kept.again_at:
                self._begin(kept)

    def kill(self) -> None:
        for kept in [*self._programs, *self._servers]:
            _kill_group(kept.what)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping = True
        for kept in self._programs:
            if kept.what.pid and kept.what.process:
                kept.what.process.send_signal(kept.what.stop_signal)
        for kept in self._programs:
            self._wait(kept)
        for kept in reversed(self._servers):
            kept.what.stop()  # type: ignore[union-attr]  # only servers are in this list
        self.on_change()

    def _wait(self, kept: _Kept) -> None:
        assert isinstance(kept.what, Program)
        limit = time.monotonic() + kept.what.grace
        while kept.what.pid and time.monotonic() < limit:
            self._pass_on(0.05)
        _kill_group(kept.what)

    def _begin(self, kept: _Kept) -> None:
        kept.again_at, kept.started = None, time.monotonic()
        try:
            kept.what.restart()
        except (embedded.CannotStart, OSError) as reason:
            self._say(kept.what.name, f"{reason} Again in {kept.fell():g} s.")
            return
        if isinstance(kept.what, Program) and kept.what.process and kept.what.process.stdout:
            self._selector.register(kept.what.process.stdout, selectors.EVENT_READ, kept.what)
        self.on_change()

    def _fell(self, kept: _Kept) -> None:
        _kill_group(kept.what)  # a dead leader's own children would keep its port
        code = kept.what.process.returncode if kept.what.process else None
        self._say(kept.what.name, f"ended with code {code}; again in {kept.fell():g} s")
        self.on_change()

    def _pass_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds) if self._selector.get_map() else []:
            lines = key.data.lines()
            if lines is None:
                self._selector.unregister(key.fileobj)
            for line in lines or []:
                self._say(key.data.name, line)

    def _say(self, name: str, line: str) -> None:
        coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        prefix = f"\x1b[{COLOURS.get(name, 37)}m{name:>8}\x1b[0m" if coloured else f"{name:>8}"
        try:
            print(f"{prefix} | {line}", flush=True)
        except OSError:
            pass  # a terminal or pipe that is gone must not take the processes along


def _kill_group(what: "Program | embedded.Server") -> None:
    if what.process:
        try:
            os.killpg(what.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        what.process.poll()
