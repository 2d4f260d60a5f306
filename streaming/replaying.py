"""What a client missed since a token: out of memory when it is there, else out of the log."""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from audit import replays
from audit import selectors as history
from audit.actors import Principal
from bugs import policy
from streaming import calls, threads
from streaming.hub import Hub
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
    facts: Sequence[Fact] | None = hub.ring.since(start.fence)
    if facts is None:
        facts = await threads.run(_logged, start, stream, projects)
    if facts is None:
        return Missed((), reached, "too_old")
    named = {str(project) for project in projects}
    wanted = [fact for fact in facts if fact["project_id"] in named and stream.may_concern(fact)]
    if sum(map(stream.weight, wanted)) > history.REPLAY_LIMIT:
        return Missed((), reached, "too_old")
    if wanted and not await calls.is_allowed(principal):
        return Missed((), token, "rate_limited")
    renderings = await hub.reader.renderings(wanted, subscription)
    bodies, is_whole = await _shown(wanted, renderings, subscription, principal)
    return Missed(bodies, reached, "" if is_whole else "unreadable")


async def _shown(
    facts: Sequence[Fact], renderings: Sequence[Rendering], subscription: Subscription, principal: Principal
) -> tuple[list[tuple[str, bytes]], bool]:
    """The events that can be shown, and whether these are all."""
    bodies: list[tuple[str, bytes]] = []
    failed: list[Exception] = []
    for number, (fact, one) in enumerate(zip(facts, renderings, strict=True), 1):
        if number % SLICE == 0:
            await asyncio.sleep(0)
        try:
            bodies += ((fact["project_id"], body) for body in one.bodies(subscription, principal))
        except Exception as error:
            failed.append(error)
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
