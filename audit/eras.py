"""Which life of the database this connection is in, so that a cursor from before a restore is recognised."""

import secrets
from typing import NamedTuple, cast

from django.db import connection, transaction

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
    era = _find_or_begin()
    if connection.in_atomic_block:
        transaction.on_commit(lambda: _remember(era))  # a beginning that is rolled back must not be remembered
    else:
        _remember(era)
    return era


def _remember(era: CurrentEra) -> None:
    if connection.connection is not None:
        connection.connection.bugwire_era = era


def _find_or_begin() -> CurrentEra:
    with connection.cursor() as cursor:
        cursor.execute(_IDENTITY)
        identity = cursor.fetchone()
        cursor.execute(_FIND, identity)
        if (row := cursor.fetchone()) is None:
            cursor.execute(_BEGIN, [*identity, secrets.token_hex(4)])
            cursor.execute(_FIND, identity)
            row = cursor.fetchone()
    return CurrentEra(*row)
