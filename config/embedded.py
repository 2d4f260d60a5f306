"""The real PostgreSQL and Valkey from their wheels, on Unix sockets: what runs when no server is named."""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from config import binaries, processes
from config.binaries import CannotStart as CannotStart

SOCKET_PATH_LIMIT = 100  # the kernel takes 107 bytes, macOS 103
START_SECONDS = 60.0
LOG_LIMIT = 10 * 1024 * 1024
POSTGRES_SOCKET = ".s.PGSQL.5432"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")  # a comma would be a second host, `%` and `+` mean something in URLs

_COMPLAINT = re.compile(r"error: |(ERROR|FATAL|PANIC): ")


# Where they listen ----------------------------------------------------------------------------------------


def socket_directory(data_dir: Path) -> Path:
    """Below the data directory; somewhere short when that path is too long or too odd for a socket."""
    wanted = data_dir.resolve() / "run"
    if len(os.fsencode(wanted / f"{POSTGRES_SOCKET}.lock")) <= SOCKET_PATH_LIMIT and _PLAIN_PATH.fullmatch(str(wanted)):
        return wanted
    name = hashlib.sha256(os.fsencode(data_dir.resolve()) + f":{os.getuid()}".encode()).hexdigest()[:16]
    temporary = tempfile.gettempdir()
    plain = len(os.fsencode(temporary)) < 50 and _PLAIN_PATH.fullmatch(temporary)
    return Path(temporary if plain else "/tmp") / f"bugwire-{name}"  # noqa: S108 (owner and mode are checked at start)


def database_url(data_dir: Path) -> str:
    return f"postgres://bugwire@/{socket_directory(data_dir)}/bugwire"


def redis_url(data_dir: Path) -> str:
    return f"unix://{socket_directory(data_dir)}/valkey.sock?db=0"


def broker_url(data_dir: Path) -> str:
    return f"redis+socket://{socket_directory(data_dir)}/valkey.sock?virtual_host=1"


def _private(directory: Path, owners: set[int]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if directory.is_symlink() or found.st_uid not in owners:
        raise CannotStart(
            f"{directory} belongs to someone else (user {found.st_uid}); remove it or set another TMPDIR."
        )
    directory.chmod(0o700)


def _named_process(file: Path) -> int | None:
    """None without a file; 0 when it names nobody."""
    try:
        first = file.read_bytes().split(maxsplit=1)[:1]
    except FileNotFoundError:
        return None
    return abs(int(first[0])) if first and first[0].lstrip(b"-").isdigit() else 0


def _eighth_of_memory() -> int:
    """In MB, between 128 and 2,048."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return min(2048, max(128, megabytes // 8))


# The servers ----------------------------------------------------------------------------------------------


class Server:
    """One child process with a log file; a context manager."""

    name: str
    stop_signal = signal.SIGTERM

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.sockets = socket_directory(directory)
        self.log = self.directory / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    def start(self) -> None:
        """Returns when the server answers; a server that was killed a moment ago may need a second try."""
        self._prepare()
        for patience in (0.2, 0.5, 1.0, 0.0):
            self._launch()
            if self._answers_in_time():
                return
            time.sleep(patience)
        raise CannotStart(f"{self.name} does not start. The end of {self.log}:\n{self._log_tail()}")

    def restart(self) -> None:
        """Without waiting for an answer: whoever watches the process tries again."""
        self._prepare()
        self._launch()

    def _launch(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.unlink()
        with self.log.open("ab") as output:
            self.process = processes.launch(
                self._argv(), prefix=self._prefix(), output=output, on_parent_death=self.stop_signal
            )

    def stop(self) -> None:
        if self.process:
            processes.end(self.process, self.stop_signal, grace=20)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers_in_time(self) -> bool:
        limit = time.monotonic() + START_SECONDS
        while self.pid and time.monotonic() < limit:
            if self._answers():
                return True
            time.sleep(0.02)
        self.kill()
        return False

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])

    def _prefix(self) -> tuple[str, ...]:
        return ()

    def _prepare(self) -> None:
        raise NotImplementedError

    def _argv(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError


class Valkey(Server):
    name = "valkey"

    @property
    def url(self) -> str:
        return redis_url(self.directory)

    def _prepare(self) -> None:
        _private(self.directory / "valkey", {os.geteuid()})
        _private(self.sockets, {os.geteuid()} if os.geteuid() else {0, binaries.NOBODY})

    def _argv(self) -> list[str]:
        path = str(self.sockets / "valkey.sock")
        argv = [str(binaries.valkey()), "--port", "0", "--unixsocket", path, "--unixsocketperm", "700"]
        argv += ["--save", "", "--appendonly", "no", "--databases", "64", "--maxmemory", "256mb"]
        return [*argv, "--dir", str(self.directory / "valkey")]

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.sockets / "valkey.sock"))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": sessions are ended, nothing is lost

    def __init__(self, directory: Path, options: Mapping[str, str] | None = None) -> None:
        super().__init__(directory)
        self.cluster = self.directory / "postgres"
        self.options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "wal_writer_delay": "20ms",
            "shared_buffers": f"{_eighth_of_memory()}MB",
            "random_page_cost": "1.1",  # of solid disks and of what the system has in memory
            "max_wal_size": "4GB",
            "jit": "off",
            **(options or {}),
        }

    @property
    def url(self) -> str:
        return database_url(self.directory)

    @staticmethod
    def bin(name: str) -> Path:
        return binaries.postgres(name)

    def _prefix(self) -> tuple[str, ...]:
        return binaries.unprivileged()

    def _prepare(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _private(self.sockets, binaries.owners())
        self._give_away(self.sockets)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        for file in (self.cluster / "postmaster.pid", self.sockets / f"{POSTGRES_SOCKET}.lock"):
            self._clear_stale(file)

    def _give_away(self, directory: Path) -> None:
        if binaries.owners() - {os.geteuid()}:
            os.chown(directory, binaries.NOBODY, binaries.NOBODY)
            os.chown(self.directory, -1, binaries.NOBODY)
            self.directory.chmod(0o710)  # that user must get through to its own directories

    def _initialise(self) -> None:
        """Made beside and moved into place whole, so that a half-made cluster is never mistaken for one."""
        for left in self.directory.glob("postgres.new-*"):
            shutil.rmtree(left)
        if self.cluster.exists() and any(self.cluster.iterdir()):
            self.cluster.rename(self.directory / f"postgres.broken-{int(time.time())}")
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.directory))
        self._give_away(fresh)
        init = ["-D", str(fresh), "-U", "bugwire", "--auth=trust", "-E", "UTF8", "--no-locale"]
        # The builtin provider folds case for every script and sorts the same on every machine.
        init += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run("initdb", *init, *(["--no-sync"] if self.options.get("fsync") == "off" else []))
        self._run("postgres", "--single", "-D", str(fresh), "postgres", send=b"CREATE DATABASE bugwire\n")
        fresh.rename(self.cluster)

    def _run(self, name: str, *arguments: str, send: bytes = b"") -> None:
        argv = [*self._prefix(), str(self.bin(name)), *arguments]
        done = subprocess.run(argv, input=send, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode or b"ERROR:" in done.stdout:
            lines = done.stdout.decode(errors="replace").strip().splitlines()
            told = [line for line in lines if _COMPLAINT.search(line)] or lines[-3:]
            raise CannotStart("\n".join([f"{name} failed in {self.directory}:", *told]))

    def _check_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        argv = [str(self.bin("postgres")), "--version"]
        ours = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
        if f" {made_by}." not in ours:
            raise CannotStart(
                f"{self.cluster} was made by PostgreSQL {made_by}, but this is {ours}; dump and restore it."
            )

    def _clear_stale(self, file: Path) -> None:
        """After a power cut it may be empty, or name a process that is something else by now; both stop a start."""
        limit = time.monotonic() + 20
        while (pid := _named_process(file)) is not None:
            if pid and not processes.alive(pid):
                return
            if not pid or not self._is_ours(pid):
                whom = f"process {pid}, which is not this PostgreSQL" if pid else "no process"
                print(f"{file} names {whom}; the file is removed.", file=sys.stderr)
                file.unlink()
                return
            if time.monotonic() > limit:
                raise CannotStart(f"PostgreSQL already runs on {self.cluster} as process {pid}; stop it first.")
            time.sleep(0.1)  # the server of a parent that was just killed is shutting down

    def _is_ours(self, pid: int) -> bool:
        command = processes.command_line(pid)
        return "postgres" in command and str(self.cluster) in command

    def _argv(self) -> list[str]:
        settings = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.bin("postgres")), "-D", str(self.cluster), *settings]

    def _answers(self) -> bool:
        """The eighth line of the lock file is the server's own word on its state; pg_ctl reads the same."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"
