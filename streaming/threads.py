"""Database calls of the event loop, on a bounded number of threads of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

THREADS = 4

_executor = ThreadPoolExecutor(THREADS, thread_name_prefix="stream-db")
_P = ParamSpec("_P")
_R = TypeVar("_R")


async def run(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call on a thread, with connections that broke or aged out replaced as for any request."""

    def call() -> _R:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_executor, call)
