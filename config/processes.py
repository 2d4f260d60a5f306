"""Child processes that never outlive the process that started them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

# A program that becomes the child: `preexec_fn` is not safe beside threads, and a changed user or namespace
# clears the death signal, so it is set after those. 1 is PR_SET_PDEATHSIG.
_LAUNCHER = """
import os, sys
parent, death, *argv = sys.argv[1:]
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, int(death), 0, 0, 0)
    if os.getppid() != int(parent): sys.exit("the parent has ended")
os.execvp(argv[0], argv)
"""


def launch(
    argv: Sequence[str],
    *,
    prefix: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    output: int | IO[bytes] | None = None,
    on_parent_death: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own, so that a terminal's Ctrl-C reaches only the parent.

    Linux ties the death signal to the *thread* that starts the child: call this from one that lives on.
    """
    interpreter = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), str(int(on_parent_death))]
    return subprocess.Popen(
        [*prefix, *interpreter, *argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=env,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes], how: int, grace: float) -> None:
    """Ask with a signal, wait, then kill."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    file = Path(f"/proc/{pid}/cmdline")
    if file.exists():
        return file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout
