"""Many clients in a process of their own, so that they do not stand in the way of what they measure."""

import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from bench.streaming import client
from bench.streaming.client import Heard, Subscription, Told

AT_ONCE = 200
LOOK = 0.02
QUIET_SECONDS = 10.0  # without any event, after which none is waited for
_spawn = multiprocessing.get_context("spawn")  # a process that forked would hold our connections to the database


class Crowd:
    """What is said to the process; each call returns when it is done."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def open(self, subscriptions: Sequence[Subscription | None], *, at_once: int = AT_ONCE, spread: int = 1) -> float:
        """One socket for each; seconds until all are subscribed."""
        seconds: float = self._ask("open", list(subscriptions), at_once, spread)
        return seconds

    def count(self) -> int:
        """Events that were heard."""
        found: int = self._ask("count")
        return found

    def state(self) -> Told:
        found: Told = self._ask("state")
        return found

    def stall(self, count: int) -> None:
        self._ask("stall", count)

    def resume(self, count: int) -> None:
        self._ask("resume", count)

    def come_back(self) -> None:
        self._ask("come_back", True)

    def cut(self) -> None:
        self._ask("cut")

    def compare(self, commits: Mapping[str, float], first: int = 0) -> Heard:
        found: Heard = self._ask("compare", dict(commits), first)
        return found

    def forget(self) -> None:
        self._ask("forget")

    def close(self) -> None:
        self._ask("close")

    def wait_for(self, events: int) -> None:
        """Until so many were heard, or none came for a while."""
        seen, since = -1, time.monotonic()
        while (now := self.count()) < events and time.monotonic() - since < QUIET_SECONDS:
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(LOOK)

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._pipe.send((name, arguments))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def of(addresses: Sequence[str], key: str = "") -> Iterator[Crowd]:
    """A process of clients for these addresses, nobody connected yet."""
    ours, theirs = _spawn.Pipe()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    process = _spawn.Process(target=client.run, args=(theirs, list(addresses), headers), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Crowd(ours)
    finally:
        ours.close()
        process.join(5)
        process.kill()
