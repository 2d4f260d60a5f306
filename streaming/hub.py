"""One per process: hears of each event once, matches and renders it once, and fills the queues of sockets."""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson
import redis
import redis.asyncio
from django.conf import settings
from django.db import DatabaseError

from audit import log
from audit import selectors as history
from audit.actors import Principal
from bugs import policy
from streaming import presenters, threads
from streaming.broadcast import CHANNEL
from streaming.rendering import Documents, Rendering, read_documents
from streaming.sockets import Credential, Socket
from streaming.subscriptions import Subscription

REREAD_SECONDS = 3.0
RIGHTS_SECONDS = 1.0
PING_SECONDS = 25.0
SILENCE_SECONDS = 75.0
SEEN_LIMIT = 20_000
BATCH = 200

Fact = Mapping[str, Any]
logger = logging.getLogger(__name__)
_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def current() -> "Hub":
    """The hub of this process (strictly: of the running event loop)."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


class Hub:
    """Redis makes it fast, the reread from its position makes it complete."""

    def __init__(self) -> None:
        self.position: history.Position | None = None
        self._sockets: set[Socket] = set()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []
        self._starting = asyncio.Lock()
        self._delivering = asyncio.Lock()

    async def join(self, socket: Socket) -> None:
        """From here on the socket's subscriptions are served; the first socket starts the hub."""
        async with self._starting:
            if self.position is None:
                self.position = await threads.run(history.position)
            if not self._tasks:
                loops = (self._listen(), self._reread_for_ever(), self._watch_sockets())
                self._tasks = [asyncio.create_task(loop) for loop in loops]
        self._sockets.add(socket)

    def leave(self, socket: Socket) -> None:
        self._sockets.discard(socket)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def replay(self, socket: Socket, subscription: Subscription, token: str) -> list[str] | None:
        """What was missed since a token, as messages that carry it; None when that cannot be known."""
        projects = _projects(socket.principal, subscription)
        facts = await threads.run(_facts_since_token, token, projects)
        if facts is None:
            return None
        documents = await self._documents(facts, [subscription])
        messages = []
        for fact in facts:
            if subscription.concerns(fact):
                body = Rendering(fact, documents).body(subscription, socket.principal)
                messages += [presenters.message(subscription.id, token, body)] if body else []
        return messages

    async def deliver(self, facts: Iterable[Fact]) -> None:
        """Put each fact, once, on the queues of those who asked for it and may see it."""
        async with self._delivering:
            fresh = [fact for fact in facts if fact["id"] not in self._seen]
            wanted = [(fact, receivers) for fact in fresh if (receivers := self._receivers(fact))]
            asked = [subscription for _, receivers in wanted for _, subscription in receivers]
            documents = await self._documents([fact for fact, _ in wanted], asked)
            for fact, receivers in wanted:
                self._hand_out(Rendering(fact, documents), receivers)
            self._remember(fresh)

    def _receivers(self, fact: Fact) -> list[tuple[Socket, Subscription]]:
        if fact["project_id"] is None:
            return []
        project_id = UUID(fact["project_id"])
        return [
            (socket, subscription)
            for socket in self._sockets
            for subscription in socket.subscriptions.values()
            if subscription.concerns(fact) and socket.may_see(subscription, project_id)
        ]

    def _hand_out(self, rendering: Rendering, receivers: list[tuple[Socket, Subscription]]) -> None:
        for socket, subscription in receivers:
            # Rights may have gone while documents were read.
            if (
                subscription.id in socket.subscriptions
                and socket in self._sockets
                and (body := rendering.body(subscription, socket.principal))
            ):
                socket.put(presenters.message(subscription.id, str(self.position), body))

    @staticmethod
    async def _documents(facts: Sequence[Fact], asked: Sequence[Subscription]) -> Documents:
        """The documents of the changed bugs, read once; none when nobody needs one."""
        is_shown = any(one.format != "compact" for one in asked)
        is_filtered = any(one.filters for one in asked)
        if not (is_shown or is_filtered):
            return Documents()
        return await threads.run(read_documents, facts, is_shown, is_filtered)

    def _remember(self, facts: Iterable[Fact]) -> None:
        self._seen.update((fact["id"], None) for fact in facts if fact["id"])
        while len(self._seen) > SEEN_LIMIT:
            self._seen.popitem(last=False)

    async def _listen(self) -> None:
        """One subscription for the whole process; while Redis is away the reread goes on alone."""
        while True:
            try:
                async with _subscription() as pubsub:
                    while True:
                        await self._deliver_or_leave_to_reread(await _next_batch(pubsub))
            except (redis.RedisError, OSError, ValueError) as error:
                logger.warning("live fan-out interrupted: %s", error)
                await asyncio.sleep(0.5)

    async def _deliver_or_leave_to_reread(self, facts: list[Fact]) -> None:
        try:
            await self.deliver(facts)
        except DatabaseError as error:
            logger.warning("events wait for the reread: %s", error)

    async def _reread_for_ever(self) -> None:
        while True:
            await asyncio.sleep(REREAD_SECONDS)
            try:
                await self._reread()
            except Exception:  # the repair must outlive whatever it stumbles over
                logger.exception("reread failed; the next one starts from the same position")

    async def _reread(self) -> None:
        """Deliver what Redis lost. The new position is taken before the read, so nothing falls between."""
        start = self.position
        assert start is not None
        projects = {
            project_id
            for socket in self._sockets
            for one in socket.subscriptions.values()
            for project_id in _projects(socket.principal, one)
        }
        reached, facts = await threads.run(_reread_facts, start, projects)
        if facts is None:
            self._tell_gap(reached)
        else:
            await self.deliver(facts)
        self.position = reached

    def _tell_gap(self, reached: history.Position) -> None:
        for socket in list(self._sockets):
            for one in socket.subscriptions:
                socket.say("gap", sub=one, resume=str(reached))

    async def _watch_sockets(self) -> None:
        """Rights are read again every second, once per credential; silent clients are let go."""
        while True:
            await asyncio.sleep(RIGHTS_SECONDS)
            try:
                rights = await threads.run(_read_rights, {socket.credential for socket in self._sockets})
            except Exception:  # without the database there is nothing to send either
                logger.exception("rights could not be read again")
                rights = {}
            for socket in list(self._sockets):
                _apply(socket, rights)
                _check_heartbeat(socket)


def _projects(principal: Principal, subscription: Subscription) -> list[UUID]:
    return list(policy.projects(principal, subscription.action))


def _facts_since_token(token: str, projects: list[UUID]) -> list[Fact] | None:
    try:
        start = history.parse_position(token)
    except history.ForeignToken:
        return None
    return _visible(start, projects)


def _visible(start: history.Position, projects: list[UUID]) -> list[Fact] | None:
    events = history.visible_since(start, projects) if projects else []
    return None if len(events) > history.REPLAY_LIMIT else [log.as_fact(event) for event in events]


def _reread_facts(start: history.Position, projects: set[UUID]) -> tuple[history.Position, list[Fact] | None]:
    reached = history.position()
    return reached, _visible(start, list(projects)) if start.mark == reached.mark else None


def _read_rights(credentials: set[Credential]) -> dict[str, Principal | None]:
    return {credential.name: credential.read() for credential in credentials}


def _apply(socket: Socket, rights: Mapping[str, Principal | None]) -> None:
    if socket.credential.name not in rights:
        return
    principal = rights[socket.credential.name]
    if principal is None:
        socket.close(4010)
    else:
        socket.principal = principal


def _check_heartbeat(socket: Socket) -> None:
    now = time.monotonic()
    if now - socket.heard_at > SILENCE_SECONDS:
        socket.close(4108)
    elif now - socket.pinged_at > PING_SECONDS:
        socket.pinged_at = now
        socket.say("ping")


@contextlib.asynccontextmanager
async def _subscription() -> AsyncIterator[Any]:
    async with (
        redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1.0, health_check_interval=5) as client,
        client.pubsub(ignore_subscribe_messages=True) as pubsub,
    ):
        await pubsub.subscribe(CHANNEL)
        yield pubsub


async def _next_batch(pubsub: Any) -> list[Fact]:
    """Whatever has arrived, at most BATCH: under load many events share one read of documents."""
    facts: list[Fact] = []
    message = await pubsub.get_message(timeout=1.0)
    while message is not None:
        facts.append(orjson.loads(message["data"]))
        if len(facts) == BATCH:
            break
        message = await pubsub.get_message(timeout=0.0)
    return facts
