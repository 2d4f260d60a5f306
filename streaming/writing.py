"""Group commit: access records that are asked for while some are being written share the next statement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import NamedTuple
from weakref import WeakKeyDictionary

from audit import access
from streaming import threads

GROUP = 200
_Failures = Sequence[Exception | None]
_Run = Callable[[Callable[[Sequence[access.Call]], _Failures], Sequence[access.Call]], Awaitable[_Failures]]


class Writer:
    """One group at a time. What waits is no more than who waits for it: whoever is cancelled takes it along."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._waiting: dict[asyncio.Future[None], access.Call] = {}
        self._task: asyncio.Task[None] | None = None

    async def write(self, call: access.Call) -> None:
        """Raises records.Unrecorded."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting[answer] = call
        if self._task is None:
            self._begin()
        try:
            await answer
        finally:
            self._waiting.pop(answer, None)

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._write())
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A callback, since a task can be cancelled before it has begun."""
        self._task = None
        if self._waiting:
            self._begin()

    async def _write(self) -> None:
        group = {answer: self._waiting.pop(answer) for answer in list(islice(self._waiting, GROUP))}
        try:
            failures = await self._run(access.write_many, list(group.values()))
        except Exception as error:  # whatever it is, each is told
            failures = [error] * len(group)
        for answer, failure in zip(group, failures, strict=True):
            _tell(answer, failure)


def _tell(answer: "asyncio.Future[None]", failure: Exception | None) -> None:
    if answer.done():  # cancelled meanwhile
        return
    if failure is None:
        answer.set_result(None)
    else:
        answer.set_exception(failure)


class Writers(NamedTuple):
    """awaited: records that somebody waits for. ends: those of what is over, which hold up none of the others."""

    awaited: Writer
    ends: Writer


_writers: "WeakKeyDictionary[asyncio.AbstractEventLoop, Writers]" = WeakKeyDictionary()


def current() -> Writers:
    """Those of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _writers:
        _writers[loop] = Writers(Writer(threads.run), Writer(threads.run_last))
    return _writers[loop]
