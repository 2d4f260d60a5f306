"""What a client asks of the database counts among its other calls: a socket, a snapshot, a replay of events."""

from apikeys.limits import callers, counting
from audit.actors import Principal
from streaming import threads


async def is_allowed(principal: Principal) -> bool:
    """Count one call; whether the limits of the caller let it through."""
    return await threads.run(spend, principal)


def spend(principal: Principal) -> bool:
    """The same, on a thread already."""
    buckets = callers.buckets_of(principal)
    return not buckets or counting.spend(buckets).allowed
