"""How many of something each holder may have at the same time. Pure."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Self


class NoPlace(Exception):
    """The holder has as many as it may have."""


class Places:
    """Counters of what is held. limit: for each holder."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: Counter[str] = Counter()

    def held(self, holder: str = "") -> int:
        return self._held.get(holder, 0)

    def take(self, holder: str = "") -> Callable[[], None]:
        """One more; what gives it back, once. Raises NoPlace."""
        if self.held(holder) >= self.limit:
            raise NoPlace
        self._held[holder] += 1
        return partial(self._give_back, holder)

    def _give_back(self, holder: str) -> None:
        self._held[holder] -= 1
        if not self._held[holder]:
            del self._held[holder]


class Held:
    """What is given back when a socket ends, the last first. An ExitStack weighs as much as the rest of a socket."""

    __slots__ = ("_back",)

    def __init__(self) -> None:
        self._back: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, back: Callable[[], None]) -> None:
        self._back.append(back)

    def close(self) -> None:
        """Now; nothing is given back twice."""
        while self._back:
            self._back.pop()()
