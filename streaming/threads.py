"""Database calls of the event loop, on bounded numbers of threads: those of clients, the hub's own, and of ends."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

_clients = ThreadPoolExecutor(4, thread_name_prefix="stream-clients")
_reads = ThreadPoolExecutor(4, thread_name_prefix="stream-reads")
_hub = ThreadPoolExecutor(4, thread_name_prefix="stream-hub")  # as many as a hub has loops: none waits for another
_ends = ThreadPoolExecutor(2, thread_name_prefix="stream-ends")
_P = ParamSpec("_P")
_R = TypeVar("_R")


async def run(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call on a thread, with connections that broke or aged out replaced as for any request."""
    return await _run(_clients, lambda: function(*args, **kwargs))


async def run_read(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """The same for what may take long: documents and the log, for which no handshake and no record waits."""
    return await _run(_reads, lambda: function(*args, **kwargs))


async def run_own(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """The same for what must not wait behind clients: whatever they ask for, rights are read again in time."""
    return await _run(_hub, lambda: function(*args, **kwargs))


async def run_last(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """The same for what nobody waits for: thousands that were cut at once do not hold up those that come back."""
    return await _run(_ends, lambda: function(*args, **kwargs))


async def _run(executor: Executor, function: Callable[[], _R]) -> _R:
    def call() -> _R:
        close_old_connections()
        try:
            return function()
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(executor, call)
