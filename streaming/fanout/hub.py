"""One per process: hears of each fact once, matches and renders it once, and fills the outboxes of sockets."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import OperationalError

from audit import replays
from audit import selectors as history
from audit.actors import Principal
from streaming import threads
from streaming.fanout import reading
from streaming.fanout.pulse import Pulse
from streaming.fanout.reading import Reader
from streaming.fanout.receivers import Receiver, Receivers
from streaming.fanout.ring import SIZE as RING_SIZE
from streaming.fanout.ring import Ring
from streaming.fanout.sockets import Socket
from streaming.fanout.spending import Spending, Spent
from streaming.streams import STREAMS, TYPES, Stream, Subscription
from streaming.streams.stream import Fact, Read, Rendering

SEEN_LIMIT = 20_000
REREAD_LIMIT = 20_000
RIGHTS_SECONDS = 10.0  # for which rights hold that cannot be read again
RECENT_LIMIT = 1_000
TURN_SECONDS = 0.005  # of one hand-out, before others have a turn

Loops = Callable[["Hub"], Iterable[Coroutine[Any, Any, None]]]
logger = logging.getLogger(__name__)


class Hub:
    """Redis makes it fast, the reread from its position makes it complete.

    position: every fact below it has been put into the outboxes of those who were there; tokens say it.
    loops: what keeps it going from the first socket on.
    """

    position: history.Position
    ring: Ring

    def __init__(self, loops: "Loops") -> None:
        self.sockets: set[Socket] = set()
        self._loops = loops
        self.rights_changed = asyncio.Event()  # somebody said so; set, rights are read again at once
        self.rights_read_at = 0.0
        self.pulse = Pulse()
        self.reader = Reader()
        self.spending = Spending()
        self._recent: dict[tuple[int, str], list[Fact]] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._receivers = Receivers()
        self._tasks: list[asyncio.Task[None]] = []
        self._starting = asyncio.Lock()
        self._delivering = asyncio.Lock()

    async def join(self, socket: Socket) -> None:
        """From here on the socket's subscriptions are served; the first socket starts the hub."""
        if not self._tasks:
            async with self._starting:
                if not self._tasks:
                    await self._start()
        self.sockets.add(socket)
        for one in socket.subscriptions.values():
            self._receivers.add(socket, one)

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        for one in socket.subscriptions.values():
            self._receivers.remove(one)

    def subscribe(self, socket: Socket, subscription: Subscription) -> None:
        """Instead of one with the same id."""
        self.unsubscribe(socket, subscription.id)
        socket.subscriptions[subscription.id] = subscription
        if socket in self.sockets:  # it may have been closed meanwhile
            self._receivers.add(socket, subscription)

    def unsubscribe(self, socket: Socket, name: str) -> bool:
        """Whether there was one."""
        one = socket.subscriptions.pop(name, None)
        if one is not None:
            self._receivers.remove(one)
        return one is not None

    def changed(self) -> None:
        """Somebody may see more or less than before."""
        self._receivers.forget()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def deliver(self, facts: Iterable[Fact]) -> None:
        """Put each fact, once, into the outboxes of those who asked for it and may see it."""
        async with self._delivering:
            fresh = [fact for fact in facts if fact["id"] not in self._seen]
            await self._tell(self._plan(fresh))
            self._seen.update((fact["id"], None) for fact in fresh if fact["id"])
            while len(self._seen) > SEEN_LIMIT:
                self._seen.popitem(last=False)

    async def reread(self) -> None:
        """Deliver what Redis lost. The new position is taken before the read, so nothing falls between."""
        reached, facts = await threads.run_own(_since, self.position)
        if facts is None:
            self._tell_overrun(reached)
            if reached.mark == self.position.mark:
                self.ring.forget(reached.fence)  # what was heard meanwhile stays: nobody tells it again
            else:
                self.ring = Ring(reached.fence)
            self._recent.clear()
        else:
            await self.deliver(facts)
        self.position = reached

    def recent(self, fence: int, stream: Stream) -> list[Fact] | None:
        """Facts of a stream in memory, or None when some are no longer there; a crowd with one token looks once."""
        if fence < self.ring.start:
            return None
        found = self._recent.get((fence, stream.name))
        if found is None:
            if len(self._recent) >= RECENT_LIMIT:
                self._recent.clear()
            found = [fact for fact in self.ring.since(fence) or () if stream.may_concern(fact)]
            self._recent[fence, stream.name] = found
        return found

    async def tell_stirred(self) -> None:
        """What tells anew of projects where something happened, if anyone listens. Changes do not wait for it."""
        stirred = [
            (stream, project_id)
            for stream, project_id in self.pulse.take()
            if self._receivers.of(stream, UUID(project_id))
        ]
        try:
            await self._tell(self._plan([self.pulse.fact(stream, project_id) for stream, project_id in stirred]))
        except Exception:
            for stream, project_id in stirred:
                self.pulse.again(stream, [UUID(project_id)])
            raise

    async def _tell(self, plan: "Plan") -> None:
        if not plan:
            return
        change, gaps = self._receivers.change, dict[Receiver, str]()
        self.check_rights_are_known()
        read = await threads.run_own(_read, plan)
        self.check_rights_are_known()
        for number, (fact, rendering, receivers) in enumerate(read):
            if number:
                await asyncio.sleep(0)  # those who keep up can take one before the next
            gaps |= await self._hand_out(fact, rendering, receivers, change)
        for receiver, reason in gaps.items():
            self._tell_gap(receiver, reason)

    def _plan(self, facts: Sequence[Fact]) -> "Plan":
        """Who gets what. In one go with the memory of facts, so that whoever comes later finds them there."""
        plan: Plan = {}
        found: dict[tuple[str, UUID], Sequence[Receiver]] = {}  # one list for all facts: there may be thousands
        self._recent.clear()
        for fact in facts:
            self.ring.add(fact)
            self.pulse.stir(fact)
            if fact["project_id"] is None:
                continue
            project_id = UUID(fact["project_id"])
            for stream in STREAMS.values():
                if not stream.may_concern(fact):
                    continue
                if (receivers := found.get((stream.name, project_id))) is None:
                    receivers = found[stream.name, project_id] = self._receivers.of(stream, project_id)
                if receivers:
                    plan.setdefault(stream.read, []).append((fact, receivers))
        return plan

    async def _hand_out(
        self, fact: Fact, rendering: Rendering, receivers: Sequence[Receiver], change: int
    ) -> dict[Receiver, str]:
        """Those who did not get it, with the reason. change: since when the receivers may not be the same any more."""
        token, latest, project = str(self.position), rendering.latest, fact["project_id"]
        texts: dict[tuple[Any, str, bytes], str] = {}
        gaps: dict[Receiver, str] = {}
        end = time.perf_counter() + TURN_SECONDS
        for receiver in receivers:
            socket, one = receiver.socket, receiver.subscription
            if change != self._receivers.change and not self._still_gets(receiver, fact):
                continue  # rights may have gone meanwhile
            try:
                bodies = self.asked(rendering, one, socket.principal)
            except Exception as error:
                if not gaps and not isinstance(error, Spent):
                    logger.exception("an event cannot be shown")
                gaps[receiver] = "rate_limited" if isinstance(error, Spent) else "unreadable"
                continue
            for body in bodies:
                key = (socket.framing, one.id, body)
                if (text := texts.get(key)) is None:
                    text = texts[key] = socket.framing.event(one.id, token, body)
                socket.outbox.put_event(text, one.id, token, latest, project)
            if time.perf_counter() > end:
                await asyncio.sleep(0)
                end = time.perf_counter() + TURN_SECONDS
        return gaps

    def asked(self, rendering: Rendering, one: Subscription, principal: Principal) -> Sequence[bytes]:
        """What a subscription gets of a fact. Filters are on the caller's account: raises Spent when that is empty."""
        if not one.filters:
            return rendering.bodies(one, principal)
        began = time.perf_counter()
        if self.spending.is_used_up(principal.label, began):
            raise Spent
        try:
            return rendering.bodies(one, principal)
        finally:
            self.spending.add(principal.label, time.perf_counter() - began)

    def check_rights_are_known(self) -> None:
        """Raises OperationalError when they could not be read again for too long to send by them."""
        if time.monotonic() - self.rights_read_at > RIGHTS_SECONDS:
            raise OperationalError("who may see what could not be read for too long")

    def _is_there(self, receiver: Receiver) -> bool:
        socket, one = receiver.socket, receiver.subscription
        return socket in self.sockets and socket.subscriptions.get(one.id) is one

    def _still_gets(self, receiver: Receiver, fact: Fact) -> bool:
        name = receiver.subscription.id
        return self._is_there(receiver) and receiver.socket.may_see(name, fact["project_id"])

    def _tell_gap(self, receiver: Receiver, reason: str) -> None:
        if self._is_there(receiver):  # it may have ended while others were told
            socket, name = receiver.socket, receiver.subscription.id
            socket.outbox.put_gap(socket.gap(name, str(self.position), reason), name)

    def _tell_overrun(self, reached: history.Position) -> None:
        for socket in list(self.sockets):
            for one in list(socket.subscriptions):
                socket.put(socket.gap(one, str(reached), "overrun"))

    async def _start(self) -> None:
        self.position, self.ring = await threads.run_own(_beginning)
        self._seen.update((fact["id"], None) for fact in self.ring.since(self.ring.start) or ())
        self.rights_read_at = time.monotonic()
        self._tasks = [asyncio.create_task(loop) for loop in self._loops(self)]


Plan = dict[Read, list[tuple[Fact, Sequence[Receiver]]]]


def _read(plan: Plan) -> list[tuple[Fact, Rendering, Sequence[Receiver]]]:
    """All that is to be handed out is read before any of it is: when nothing can be, it is tried again as a whole.

    When one type of stream alone cannot be read, its events give way to a gap, and the others do not wait for it.
    """
    found: list[tuple[Fact, Rendering, Sequence[Receiver]]] = []
    errors: list[Exception] = []
    for read, wanted in plan.items():
        lists = {id(receivers): receivers for _, receivers in wanted}.values()
        asked = [one.subscription for one in {one: None for receivers in lists for one in receivers}]
        facts = [fact for fact, _ in wanted]
        made: Sequence[Rendering]
        try:
            made = reading.renderings(read, facts, asked)
        except reading.AWAY as error:
            errors.append(error)
            made = [reading.Unreadable(error)] * len(facts)
        found += zip(facts, made, (receivers for _, receivers in wanted), strict=True)
    if errors and len(errors) == len(plan):
        raise errors[0]
    return found


def _beginning() -> tuple[history.Position, Ring]:
    """Where a hub begins, and what happened shortly before."""
    position, start = history.position(), replays.recent_position(RING_SIZE // 2)
    facts = replays.facts_since(start, types=TYPES, limit=2 * RING_SIZE)
    return position, Ring(position.fence) if facts is None else Ring(start.fence, facts)


def _since(start: history.Position) -> tuple[history.Position, Sequence[Fact] | None]:
    reached = history.position()
    return reached, replays.facts_since(start, types=TYPES, limit=REREAD_LIMIT)
