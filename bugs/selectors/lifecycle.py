"""Reads of a bug's lifecycle: what history has of it."""

from typing import Any
from uuid import UUID

from audit import selectors as history
from audit.actors import Principal
from bugs.selectors.pieces import Piece

COLUMNS = ("id", "type", "actor", "occurred_at", "data")
_NEWEST = history.NEWEST.format(columns=", ".join(COLUMNS), subject="'bug:' || b.id")


def events_of(bug_id: UUID) -> Any:
    """The events of a bug that a gate let through, as a queryset."""
    return history.history_of(f"bug:{bug_id}")


def newest(principal: Principal, limit: int) -> Piece:
    """The newest events of a bug."""
    return Piece(_NEWEST, [limit])
