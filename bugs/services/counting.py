"""Counts for analytics, kept in the transaction of what they count: as differences, folded into rollups later."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bugs import rollups
from bugs.models import Bug, RollupDelta
from bugs.rollups import Fact

BATCH = 1_000


def changed(project_id: UUID, before: Mapping[Fact, int], after: Mapping[Fact, int]) -> None:
    """Count a change of bugs: `rollups.facts(bug)` before and after it, `rollups.NOTHING` for a new one.

    Bulk changes add up the facts of many bugs and call this once. Call it in the transaction of the change.
    """
    _add(project_id, rollups.difference(before, after))


def reopened(bug: Bug, *, at: datetime) -> None:
    """Count that a bug was reopened; `at` is the moment of the event that says so, for history to agree."""
    _add(bug.project_id, [(rollups.reopening(bug, at), 1)])


def errors(project_id: UUID, reports: Iterable[Any]) -> None:
    """Count new error reports, each once: anything with the attributes occurred_at, group_id, level, component,
    environment and release. One call for a batch.
    """
    _add(project_id, list(Counter(map(rollups.error, reports)).items()))


def _add(project_id: UUID, amounts: list[tuple[Fact, int]]) -> None:
    if not amounts:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("counts are kept in the transaction of what they count")
    RollupDelta.objects.bulk_create(
        (RollupDelta(project_id=project_id, amount=amount, **fact._asdict()) for fact, amount in amounts),
        batch_size=BATCH,
    )
