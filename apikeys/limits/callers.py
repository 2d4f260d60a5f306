"""Which buckets a caller's calls are counted in."""

from django.conf import settings

from apikeys.limits.windows import UNLIMITED, Bucket, Numbers
from audit.actors import Principal


def buckets_of(principal: Principal) -> tuple[Bucket, ...]:
    """One for the credential, and one for all credentials of its owner where the settings ask for that.

    What stands in braces keeps the buckets of one owner together in a Redis that is spread over servers.
    """
    limits = principal.rate_limits or _of_people(principal)
    if limits is None:
        return ()
    place = f"limit:{{{principal.label if principal.user_id is None else f'user:{principal.user_id}'}}}"
    own = Bucket(f"{place}:{principal.label}", limits)
    shared = _numbers(settings.OWNER_RATE_LIMITS)
    if principal.user_id is None or min(shared) == UNLIMITED:
        return (own,)
    return (own, Bucket(f"{place}:all", shared, prefix="owner-"))


def _of_people(principal: Principal) -> Numbers | None:
    """People with a session have limits of their own; the system has none."""
    return None if principal.user_id is None else _numbers(settings.PEOPLE_RATE_LIMITS)


def _numbers(limits: dict[str, int]) -> Numbers:
    minute, hour, day = (limit or UNLIMITED for limit in limits.values())
    return minute, hour, day
