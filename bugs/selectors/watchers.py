"""Reads of those who watch a bug."""

from uuid import UUID

from django.db.models import F, QuerySet

from audit.actors import Principal
from bugs.models import Watcher


def of_bug(bug_id: UUID) -> QuerySet[Watcher]:
    """The watchers of a bug that a gate let through."""
    return Watcher.objects.filter(bug_id=bug_id)


def rows(page: QuerySet[Watcher]) -> list[dict[str, object]]:
    """Watchers as plain values."""
    return list(page.values("since", username=F("user__username")))


def is_watching(bug_id: UUID, principal: Principal) -> bool:
    return Watcher.objects.filter(bug_id=bug_id, user_id=principal.user_id).exists()
