"""Who is served at the same time, who waits for how long, and who is sent away. Pure."""

import asyncio
from collections.abc import Callable


class Busy(Exception):
    """Too many wait already, or it took too long."""


class Turns:
    """at_work: turns at the same time. waiting: how many may wait for one. patience: for how many seconds."""

    def __init__(self, *, at_work: int, waiting: int, patience: float) -> None:
        self._free = asyncio.Semaphore(at_work)
        self._may_wait, self._patience = waiting, patience
        self.waiting = 0

    async def take(self) -> Callable[[], None]:
        """A turn: what ends it, which may be called again. Raises Busy."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        return self._once()

    def are_all_taken(self) -> bool:
        """Whether one more could not even wait."""
        return self._free.locked() and self.waiting >= self._may_wait

    async def _wait(self) -> None:
        if self.waiting >= self._may_wait:
            raise Busy
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self.waiting -= 1

    def _once(self) -> Callable[[], None]:
        has_ended = False

        def end() -> None:
            nonlocal has_ended
            if not has_ended:
                has_ended = True
                self._free.release()

        return end
