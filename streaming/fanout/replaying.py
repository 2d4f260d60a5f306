"""What a client missed since a token: out of memory when it is there, else out of the log."""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from audit import replays
from audit import selectors as history
from audit.actors import Principal
from bugs import policy
from streaming import threads
from streaming.fanout import calls
from streaming.fanout.hub import TURN_SECONDS, Hub
from streaming.fanout.spending import Spent
from streaming.streams import Stream, Subscription
from streaming.streams.stream import Fact, Rendering

logger = logging.getLogger(__name__)


SLICE = 50  # events, before others have a turn


class Missed(NamedTuple):
    """bodies: events with their projects, the oldest first. token: from where on nothing has been sent yet.

    gap: why they are not all.
    """

    bodies: Sequence[tuple[str, bytes]]
    token: str
    gap: str = ""


async def missed(hub: Hub, principal: Principal, subscription: Subscription, token: str) -> Missed:
    """Events since a token. Called after the subscription has joined, so what comes meanwhile is in its outbox."""
    start = await _start(hub, token)
    reached = str(hub.position)
    if start is None:
        return Missed((), reached, "unknown_token")
    stream = subscription.stream
    projects = set(policy.projects(principal, stream.action))
    if stream.stirred_by:  # what it tells at the next beat says more than all that came before
        hub.pulse.again(stream, projects)
        return Missed((), reached)
    named = {str(project) for project in projects}
    try:
        wanted, is_counted = await _wanted(hub, principal, stream, start, named)
        if wanted is None:
            return Missed((), reached, "too_old")
        if wanted and not is_counted:
            await _count(principal)
        renderings = await hub.reader.renderings(wanted, subscription)
        found = list(zip(wanted, renderings, strict=True))
        bodies, is_whole = await _shown(hub, found, subscription, principal)
    except Spent:
        return Missed((), token, "rate_limited")
    return Missed(bodies, reached) if is_whole else Missed(bodies, reached, "unreadable")


async def _wanted(
    hub: Hub, principal: Principal, stream: Stream, start: history.Position, projects: Collection[str]
) -> tuple[list[Fact] | None, bool]:
    """Facts since a position, and whether they were counted as a call; None when they are too many. Raises Spent."""
    began = time.perf_counter()
    if hub.spending.is_used_up(principal.label, began):
        raise Spent
    facts: Sequence[Fact] | None = hub.recent(start.fence, stream)
    is_counted = facts is None
    if facts is None:  # to read the log is a call, whatever it says
        await _count(principal)
        facts = await threads.run_read(_logged, start, stream, {UUID(project) for project in projects})
        began = time.perf_counter()
    wanted = [fact for fact in facts or () if fact["project_id"] in projects and stream.may_concern(fact)]
    hub.spending.add(principal.label, time.perf_counter() - began)
    is_whole = facts is not None and sum(map(stream.weight, wanted)) <= history.REPLAY_LIMIT
    return (wanted if is_whole else None), is_counted


async def _count(principal: Principal) -> None:
    if not await calls.is_allowed(principal):
        raise Spent


async def _shown(
    hub: Hub, found: Sequence[tuple[Fact, Rendering]], subscription: Subscription, principal: Principal
) -> tuple[list[tuple[str, bytes]], bool]:
    """The events that can be shown, and whether these are all. Raises Spent."""
    bodies: list[tuple[str, bytes]] = []
    failed: list[Exception] = []
    end = time.perf_counter() + TURN_SECONDS
    for fact, one in found:
        try:
            bodies += ((fact["project_id"], body) for body in hub.asked(one, subscription, principal))
        except Spent:
            raise
        except Exception as error:
            failed.append(error)
        if time.perf_counter() > end:
            await asyncio.sleep(0)
            end = time.perf_counter() + TURN_SECONDS
    if failed:
        logger.error("%s events cannot be shown", len(failed), exc_info=failed[0])
    return bodies, not failed


async def _start(hub: Hub, token: str) -> history.Position | None:
    """The position of a token, which no process can have been told before the database was there."""
    mark, _, fence = token.partition(".")
    if mark != hub.position.mark or not (fence.isascii() and fence.isdigit() and len(fence) < 19):
        return None
    start = history.Position(mark, int(fence))
    if start.fence > hub.position.fence and start.fence > (await threads.run(history.position)).fence:
        return None
    return start


def _logged(start: history.Position, stream: Stream, projects: set[UUID]) -> Sequence[Fact] | None:
    return replays.facts_since(start, types=stream.types, project_ids=projects) if projects else []
