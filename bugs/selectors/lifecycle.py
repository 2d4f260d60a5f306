"""Reads of a bug's lifecycle: what history has of it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson

from audit import selectors as history
from audit.actors import Principal

COLUMNS = ("id", "type", "actor", "occurred_at", "data")


def events_of(bug_id: UUID) -> Any:
    """The events of a bug that a gate let through, as a queryset."""
    return history.history_of(f"bug:{bug_id}")


def documents(bug_id: UUID, *, principal: Principal, limit: int) -> list[str]:
    """The newest events of a bug as JSON texts."""
    return texts(events_of(bug_id).order_by("-seq")[:limit].values(*COLUMNS))


def texts(rows: Collection[dict[str, Any]]) -> list[str]:
    return [orjson.dumps(row, option=orjson.OPT_UTC_Z).decode() for row in rows]
