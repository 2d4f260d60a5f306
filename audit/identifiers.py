"""UUIDv7 (RFC 9562): identifiers in time order, made in Python; a month is a range of them."""

from datetime import datetime
from uuid import UUID

import uuid_utils.compat


def uuid7() -> UUID:
    """A new identifier."""
    return uuid_utils.compat.uuid7()


def first_of(moment: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond: a bound for ranges, never an identifier."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80)
