"""Streams hear of reports and sessions by their ids, announced in the transaction that wrote them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from audit import log
from bugs.ingest.digest.batch import Group

AT_ONCE = 100  # ids in one announcement: each becomes as many messages, which a socket has to take in one go
Touched = tuple[UUID, str]  # a session and its state now
_T = TypeVar("_T")


def reports(project_id: UUID, batch: Iterable[Group]) -> None:
    """Reports of a batch were written."""
    ids = [str(report.id) for group in batch for report in group.reports]
    for some in _chunks(ids):
        log.announce(
            "error.received",
            subject=f"project:{project_id}",
            project_id=project_id,
            data={"reports": some},
            is_kept=True,
        )


def sessions(project_id: UUID, touched: Sequence[Touched], made: Collection[UUID]) -> None:
    """Sessions were told of. made: ids for new ones; those that came to be used are of sessions that are new."""
    for some in _chunks(touched):
        log.announce(
            "session.updated",
            subject=f"project:{project_id}",
            project_id=project_id,
            data={
                "sessions": [str(session_id) for session_id, _ in some],
                "states": [state for _, state in some],
                "new": [str(session_id) for session_id, _ in some if session_id in made],
            },
            is_kept=True,
        )


def _chunks(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
