"""Which life of the database this connection is in, so that a cursor from before a restore is recognised."""

import secrets
from typing import NamedTuple, cast

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

# pg_walfile_name begins with the timeline; it is right at once after a promotion, the control file is not.
_IDENTITY = """
    SELECT system_identifier, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
    FROM pg_control_system()
"""
_FIND = "SELECT id, mark FROM audit_era WHERE system_identifier = %s AND timeline = %s"
_BEGIN = """
    INSERT INTO audit_era (system_identifier, timeline, mark, began_at) VALUES (%s, %s, %s, now())
    ON CONFLICT (system_identifier, timeline) DO NOTHING
"""


class CurrentEra(NamedTuple):
    """number: later lives of one database have larger ones. mark: what tokens carry."""

    number: int
    mark: str


def current() -> CurrentEra:
    """The era of this connection, read once per connection."""
    known = getattr(connection.connection, "bugwire_era", None)
    if known is not None:
        return cast(CurrentEra, known)
    era = _find(connection) or _begin()
    if connection.connection is not None:
        connection.connection.bugwire_era = era
    return era


def _find(wrapper: BaseDatabaseWrapper) -> CurrentEra | None:
    with wrapper.cursor() as cursor:
        cursor.execute(_IDENTITY)
        cursor.execute(_FIND, cursor.fetchone())
        row = cursor.fetchone()
    return CurrentEra(*row) if row else None


def _begin() -> CurrentEra:
    """On a connection of its own: an open business transaction must not hold up everybody else's first event."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(_IDENTITY)
            cursor.execute(_BEGIN, [*cursor.fetchone(), secrets.token_hex(4)])
        era = _find(own)
    finally:
        own.close()
    assert era is not None
    return era
