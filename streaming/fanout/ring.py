"""The newest facts in memory, so that a crowd that comes back does not ask the database what it missed."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from streaming.streams.stream import Fact

SIZE = 2_000


class Ring:
    """Facts by id, as they were heard. start: every fact at or above this fence that was heard is here."""

    def __init__(self, start: int, facts: Iterable[Fact] = (), size: int = SIZE) -> None:
        self.start = start
        self._size = size
        self._facts: OrderedDict[str, Fact] = OrderedDict()
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """Announcements that nobody keeps have no place in any order."""
        if fact["id"] is None:
            return
        self._facts[fact["id"]] = fact
        if len(self._facts) > self._size:
            _, oldest = self._facts.popitem(last=False)
            self.start = max(self.start, oldest["xid"] + 1)

    def forget(self, fence: int) -> None:
        """Some below the fence were not heard."""
        self.start = max(self.start, fence)

    def since(self, fence: int) -> list[Fact] | None:
        """What was heard from a fence on, by transaction; None when some of it is no longer here."""
        if fence < self.start:
            return None
        found = [fact for fact in self._facts.values() if fact["xid"] >= fence]
        return sorted(found, key=_order)


def _order(fact: Fact) -> tuple[Any, Any]:
    return fact["xid"], fact.get("seq", 0)
