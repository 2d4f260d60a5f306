"""Which envelopes are read next: a batch of one project at a time, the projects in turn, each claim counted first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

MOST, FEWEST = 200, 10  # envelopes in a batch
BYTES_AT_ONCE = 8 * 1024 * 1024  # of their plain bodies; one alone may be larger
LEASE = timedelta(seconds=30)  # of a first claim
ATTEMPTS_MAX = 8  # then it is set aside: a week has passed

# One look into the index for each project that has something waiting.
_WAITING = """
    WITH RECURSIVE waiting AS (
        (SELECT project_id FROM bugs_arrival ORDER BY project_id LIMIT 1)
        UNION ALL
        SELECT (SELECT a.project_id FROM bugs_arrival a WHERE a.project_id > w.project_id ORDER BY a.project_id LIMIT 1)
        FROM waiting w WHERE w.project_id IS NOT NULL
    ) SELECT project_id FROM waiting WHERE project_id IS NOT NULL
"""
_CLAIM = """
    WITH free AS (
        SELECT id, size FROM bugs_arrival
        WHERE project_id = %s AND (leased_until IS NULL OR leased_until < now())
        ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ), fitting AS (
        SELECT id FROM (SELECT id, size, sum(size) OVER (ORDER BY id) AS total FROM free) f
        WHERE total <= %s OR total = size
    )
    UPDATE bugs_arrival a SET attempts = attempts + 1,
        leased_until = CASE WHEN attempts < %s
            THEN now() + make_interval(secs => %s) * power(4, attempts) ELSE 'infinity' END
    FROM fitting WHERE a.id = fitting.id
    RETURNING a.id, a.attempts, a.event_id, a.received_at, a.peer, a.size, a.encoding, a.body
"""
_FINISH = """
    DELETE FROM bugs_arrival a USING unnest(%s::uuid[], %s::int[]) AS claim(id, attempts)
    WHERE a.id = claim.id AND a.attempts = claim.attempts
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An envelope that is ours to read until the lease ends; `attempts` is the epoch of the claim."""

    id: UUID
    attempts: int
    event_id: UUID | None
    received_at: datetime
    peer: str
    size: int
    encoding: str
    body: bytes


class LostLease(Exception):
    """Somebody else has claimed what we were reading: what we wrote must not stay."""


def waiting() -> list[UUID]:
    """The projects that have something to be read."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return [row[0] for row in cursor.fetchall()]


def claim(project_id: UUID, at_most: int = MOST) -> list[Claimed]:
    """The next envelopes of a project, oldest first. The claim is committed when this returns.

    One that failed, or ended who read it, is free again after 30 s, then 2 min, 8 min and so on. It was acknowledged,
    so it is never thrown away: after the last attempt it stays where it is until `manage.py digest_again`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")  # a claim that a crash forgets is only made again
        cursor.execute(_CLAIM, [project_id, at_most, BYTES_AT_ONCE, ATTEMPTS_MAX, LEASE.total_seconds()])
        rows = cursor.fetchall()
    found = [
        Claimed(one, attempts, event_id, received_at, peer, size, encoding, bytes(body))
        for one, attempts, event_id, received_at, peer, size, encoding, body in rows
    ]
    return sorted(found, key=lambda claimed: claimed.id)


def finish(claimed: list[Claimed]) -> None:
    """Take them off, in the transaction of what was made of them. Raises LostLease."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [[one.id for one in claimed], [one.attempts for one in claimed]])
        if cursor.rowcount != len(claimed):
            raise LostLease


def again() -> int:
    """Let those that were set aside be tried anew; how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bugs_arrival SET attempts = 0, leased_until = NULL WHERE leased_until = 'infinity'")
        return int(cursor.rowcount)
