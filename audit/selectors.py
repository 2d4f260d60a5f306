"""Reads of history: by cursor without gaps, and for replay without gaps."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from audit import chains, eras
from audit.models import Event

REPLAY_LIMIT = 5_000
# What happened to one subject, newest first, for statements that show it beside the subject itself.
NEWEST = "SELECT {columns} FROM audit_event WHERE subject = {subject} ORDER BY seq DESC LIMIT %s"

# The fence and the rows come from one statement, so from one snapshot: what commits later has a larger xid
# than the fence or was still running then, and is at or above it either way.
_FENCE = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


class ForeignToken(ValueError):
    """The token names a life of the database that is not this one, or is no token at all."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a stream stands: every event below the fence has been seen."""

    mark: str
    fence: int

    def __str__(self) -> str:
        return f"{self.mark}.{self.fence}"


def position() -> Position:
    """The present position: events of transactions that end from now on are at or above it."""
    with connection.cursor() as cursor:
        cursor.execute(_FENCE)
        (fence,) = cursor.fetchone()
    return Position(eras.current().mark, fence)


def parse_position(token: str) -> Position:
    """Read a token of this era; raises ForeignToken for any other."""
    mark, _, fence = token.partition(".")
    if mark != eras.current().mark or not (fence.isascii() and fence.isdigit() and len(fence) < 19):
        raise ForeignToken(token)
    return Position(mark, int(fence))


def visible_since(start: Position, project_ids: Collection[UUID], limit: int = REPLAY_LIMIT) -> list[Event]:
    """All visible events from a position on, in (xid, seq) order: may repeat what was seen, never skips.

    Returns at most limit + 1 events; more than limit means that the caller must answer with a gap.
    """
    return list(
        Event.objects.filter(era=eras.current().number, xid__gte=start.fence, project_id__in=project_ids).order_by(
            "era", "xid", "seq"
        )[: limit + 1]
    )


def settled_after(cursor_: tuple[int, int, int], limit: int = 1_000) -> list[Event]:
    """Settled events after an exact (era, xid, seq) cursor: read once each, none is ever passed over.

    A row is settled when its era has ended or its transaction is older than every one still running.
    """
    return list(
        Event.objects.raw(
            f"SELECT * FROM audit_event WHERE {chains.AFTER} AND {chains.SETTLED} {chains.ORDER} LIMIT %s",  # noqa: S608
            [*cursor_, eras.current().number, limit],
        )
    )


def history_of(subject: str) -> QuerySet[Event]:
    """Everything that happened to one subject, oldest first."""
    return Event.objects.filter(subject=subject).order_by("seq")


def of_type(event_type: str, project_id: UUID) -> QuerySet[Event]:
    """Events of one type in one project, in no order."""
    return Event.objects.filter(type=event_type, project_id=project_id)
