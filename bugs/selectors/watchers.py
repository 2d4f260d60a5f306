"""Reads of those who watch a bug."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from bugs.models import Watcher


def of_bug(bug_id: UUID) -> QuerySet[Watcher]:
    """The watchers of a bug that a gate let through."""
    return Watcher.objects.filter(bug_id=bug_id)


def rows(page: QuerySet[Watcher]) -> Sequence[Mapping[str, Any]]:
    """Watchers as plain values."""
    return list(page.values("since", username=F("user__username")))
