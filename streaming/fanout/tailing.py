"""What keeps a hub going: Redis for speed, rereading for completeness, and a look at its sockets every second."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import redis
import redis.asyncio
from django.conf import settings
from django.db import DatabaseError

from audit.actors import Principal
from streaming import closing, threads
from streaming.broadcast import CHANNEL
from streaming.fanout import pulse, rights
from streaming.fanout.hub import Hub
from streaming.fanout.sockets import Credential, Socket
from streaming.streams.stream import Fact

REREAD_SECONDS = 3.0
WATCH_SECONDS = 1.0
PING_SECONDS: float = settings.STREAM_HEARTBEAT_SECONDS
SILENCE_SECONDS = 2 * PING_SECONDS
LAG_SECONDS = 10.0
BATCH = 200
SLICE = 1_000  # sockets that are looked at before others have a turn

Rights = Mapping[Credential, Principal | None]
logger = logging.getLogger(__name__)
_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def current() -> Hub:
    """The hub of this process (strictly: of the running event loop)."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(loops)
    return _hubs[loop]


def loops(hub: Hub) -> Iterator[Coroutine[Any, Any, None]]:
    yield _listen(hub)
    yield _for_ever(REREAD_SECONDS, hub.reread)
    yield _for_ever(pulse.SECONDS, hub.tell_stirred)
    yield _for_ever(WATCH_SECONDS, lambda: watch(hub), hub.rights_changed)


def look_at_rights() -> None:
    """At once, since some have changed, not at the next turn."""
    current().rights_changed.set()


async def _for_ever(seconds: float, work: Any, sooner: asyncio.Event | None = None) -> None:
    sooner = sooner or asyncio.Event()
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(sooner.wait(), seconds)
        sooner.clear()
        try:
            await work()
        except Exception:  # the repair must outlive whatever it stumbles over
            logger.exception("the stream's own work failed; it is tried again in %s s", seconds)


async def _listen(hub: Hub) -> None:
    """One subscription for the whole process; while Redis is away the reread goes on alone."""
    while True:
        try:
            async with _subscription() as pubsub:
                while True:
                    await _deliver(hub, await _next_batch(pubsub))
        except (redis.RedisError, OSError, ValueError) as error:
            logger.warning("live fan-out interrupted: %s", error)
            await asyncio.sleep(0.5)


async def _deliver(hub: Hub, facts: list[Fact]) -> None:
    try:
        await hub.deliver(facts)
    except DatabaseError as error:
        logger.warning("events wait for the reread: %s", error)
    except Exception:  # whatever was published must not end the listening
        logger.exception("events wait for the reread")


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


async def watch(hub: Hub) -> None:
    """Rights are read again, once per credential; who is silent or does not keep up is let go."""
    sockets = list(hub.sockets)
    found = await _rights(hub, {socket.credential for socket in sockets})
    now = time.monotonic()
    for number, socket in enumerate(sockets):
        if socket in hub.sockets:
            if found is not None:
                _apply(hub, socket, found)
            _check(socket, now)
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)


async def _rights(hub: Hub, credentials: set[Credential]) -> Rights | None:
    """None while the database is away: for RIGHTS_SECONDS the old ones hold, then the hub hands nothing out."""
    began = time.monotonic()
    try:
        found: Rights = await threads.run_own(rights.read, credentials)
    except Exception:
        logger.exception("rights could not be read again")
        return None
    hub.rights_read_at = began
    return found


def _apply(hub: Hub, socket: Socket, found: Rights) -> None:
    if socket.credential not in found:
        socket.close(closing.UNAVAILABLE)
        return
    principal = found[socket.credential]
    if principal is None:
        socket.close(closing.CREDENTIAL_ENDED)
    elif principal != socket.principal:
        socket.become(principal)
        hub.changed()


def _check(socket: Socket, now: float) -> None:
    lagging_since = socket.outbox.lagging_since
    if lagging_since is not None and now - lagging_since > LAG_SECONDS:
        socket.close(closing.TOO_SLOW)
    elif socket.answers_pings and now - socket.heard_at > SILENCE_SECONDS:
        socket.close(closing.HEARTBEAT_MISSED)
    elif now - socket.pinged_at > PING_SECONDS:
        socket.pinged_at = now
        socket.say("ping")
