"""How many of something each holder may have at the same time. Pure."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class NoPlace(Exception):
    """The holder has as many as it may have."""


class Places:
    """Counters of what is held. limit: for each holder."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held: Counter[str] = Counter()

    def held(self, holder: str = "") -> int:
        return self._held.get(holder, 0)

    @contextmanager
    def one(self, holder: str = "") -> Iterator[None]:
        """Hold one meanwhile; raises NoPlace."""
        if self.held(holder) >= self.limit:
            raise NoPlace
        self._held[holder] += 1
        try:
            yield
        finally:
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]
