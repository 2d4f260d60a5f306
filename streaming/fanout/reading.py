"""Documents of facts: what cannot be read holds up nothing else, and of a crowd that comes back many share one read."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from django.db import InterfaceError, OperationalError

from audit.actors import Principal
from streaming import threads
from streaming.streams.stream import Fact, Read, Rendering, Subscription

AWAY = (OperationalError, InterfaceError)  # what is tried again as a whole
Found = dict[str, Rendering]


class Unreadable:
    """Stands for a fact whose read failed: whoever asks for it gets what the read raised."""

    latest: str | None = None

    def __init__(self, error: Exception) -> None:
        self._error = error

    def bodies(self, subscription: Subscription, principal: Principal) -> NoReturn:
        raise self._error


def renderings(read: Read, facts: Sequence[Fact], asked: Sequence[Subscription]) -> Sequence[Rendering]:
    """As many as facts; one that no read can make sense of stops none of the others. Raises AWAY."""
    try:
        return read(facts, asked)
    except AWAY:
        raise
    except Exception as error:
        if len(facts) == 1:
            return [Unreadable(error)]
    return [one for fact in facts for one in renderings(read, [fact], asked)]


class Wish(NamedTuple):
    facts: Sequence[Fact]
    subscription: Subscription
    answer: "asyncio.Future[Found]"


class Reader:
    """Renderings of facts that have an id, for one subscription at a time."""

    def __init__(self) -> None:
        self._wishes: dict[str, list[Wish]] = {}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def renderings(self, facts: Sequence[Fact], subscription: Subscription) -> list[Rendering]:
        """As many as facts, in their order. Raises what the read raised."""
        if not facts:
            return []
        name, answer = subscription.stream.name, asyncio.get_running_loop().create_future()
        if name not in self._wishes:
            task = asyncio.create_task(self._read(name))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._wishes.setdefault(name, []).append(Wish(facts, subscription, answer))
        found: Found = await answer
        return [found[fact["id"]] for fact in facts]

    async def _read(self, name: str) -> None:
        async with self._turn:
            wishes = self._wishes.pop(name)
            facts = list({fact["id"]: fact for wish in wishes for fact in wish.facts}.values())
            asked = [wish.subscription for wish in wishes]
            try:
                made = await threads.run_read(renderings, asked[0].stream.read, facts, asked)
            except Exception as error:
                _refuse(wishes, error)
                return
        found = {fact["id"]: rendering for fact, rendering in zip(facts, made, strict=True)}
        for wish in wishes:
            if not wish.answer.done():
                wish.answer.set_result(found)


def _refuse(wishes: Sequence[Wish], error: Exception) -> None:
    for wish in wishes:
        if not wish.answer.done():
            wish.answer.set_exception(error)
