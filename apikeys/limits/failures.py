"""Who shows credentials that are not valid: counted for each address, so that guessing is slow.

An address that failed FAILED_AUTH_PER_MINUTE times gets 429 for further failures; a valid key from there still works.
After twice as many, credentials that this process does not know to be valid are not even looked at.
"""

from django.conf import settings

from apikeys.limits import counting, windows
from apikeys.limits.windows import UNLIMITED, Bucket
from config.api import addresses
from config.api.problems import Problem

sources = counting.Memory()


def note(client_ip: str, *, is_junk: bool = False) -> None:
    """Count one; raises a 429 when there were too many. Junk cost nothing to refuse, so it is counted here alone."""
    usage = (counting.spend_here if is_junk else counting.spend)([_bucket(client_ip)], memory=sources)
    if not usage.allowed or usage.used[0][0] > settings.FAILED_AUTH_PER_MINUTE:
        raise _too_many(usage.now)


def refuse_unseen(client_ip: str) -> None:
    """Raises a 429 when what an address shows is not looked at any more, without asking anyone."""
    usage = counting.spend_here([_bucket(client_ip)], 0, memory=sources)
    if usage.used[0][0] >= 2 * settings.FAILED_AUTH_PER_MINUTE:
        raise _too_many(usage.now)


def _bucket(client_ip: str) -> Bucket:
    return Bucket(
        f"limit:{{failed}}:{addresses.source_of(client_ip)}",
        (2 * settings.FAILED_AUTH_PER_MINUTE, UNLIMITED, UNLIMITED),
    )


def _too_many(now: int) -> Problem:
    seconds = windows.SECONDS[0] - now % windows.SECONDS[0]
    detail = f"Too many credentials from this address were not valid. Try again in {seconds} seconds."
    return Problem(429, "too_many_failures", detail, headers={"Retry-After": str(seconds)})
