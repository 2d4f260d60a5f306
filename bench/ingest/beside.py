"""A part of the load in a process of its own, so that it does not stand in the way of what is timed beside it."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import Generic, TypeVar

Result = TypeVar("Result")
_fork = multiprocessing.get_context("fork")  # the events to send are not copied


class Running(Generic[Result]):
    """work: gets the event that asks it to end."""

    def __init__(self, work: Callable[[Event], Result]) -> None:
        self._ending = _fork.Event()
        self._pipe, theirs = _fork.Pipe(duplex=False)
        self._process = _fork.Process(target=lambda: theirs.send(work(self._ending)), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def is_over(self) -> bool:
        return self._pipe.poll()

    def result(self) -> Result:
        """Asks it to end and waits. Raises EOFError when it fell."""
        self._ending.set()
        found: Result = self._pipe.recv()
        return found

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


@contextmanager
def running(work: Callable[[Event], Result]) -> Iterator[Running[Result]]:
    started = Running(work)
    try:
        yield started
    finally:
        started.kill()
