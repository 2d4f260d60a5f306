"""Database calls of the event loop, on bounded numbers of threads: those of clients, and the hub's own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

_clients = ThreadPoolExecutor(4, thread_name_prefix="stream-clients")
_hub = ThreadPoolExecutor(2, thread_name_prefix="stream-hub")
_P = ParamSpec("_P")
_R = TypeVar("_R")


async def run(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call on a thread, with connections that broke or aged out replaced as for any request."""
    return await _run(_clients, lambda: function(*args, **kwargs))


async def run_own(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """The same for what must not wait behind clients: whatever they ask for, rights are read again in time."""
    return await _run(_hub, lambda: function(*args, **kwargs))


async def _run(executor: Executor, function: Callable[[], _R]) -> _R:
    def call() -> _R:
        close_old_connections()
        try:
            return function()
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(executor, call)
