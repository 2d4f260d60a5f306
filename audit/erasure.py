"""A person's personal fields in the access log are made unreadable, for ever; what was done and when stays provable."""

from audit import persons
from audit.models import PersonKey


def forget(person: str) -> int:
    """Destroy the keys of `user:7`: no record changes, so seals and proofs hold. How many keys there were.

    Other processes may write under a destroyed key for `persons.KEPT_SECONDS`: nobody reads that either.
    """
    keys, _ = PersonKey.objects.filter(person=person).delete()
    persons.forget_kept()
    return keys
