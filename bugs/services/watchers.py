"""Who hears of a bug: those who asked for it, and those who reported it, have it or spoke of it."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Principal
from bugs.models import Watcher
from bugs.services import rows


@transaction.atomic
def watch(bug_id: UUID, *, by: Principal) -> None:
    """Hear of a bug from now on; asking twice changes nothing. Raises policy.Refused or NotThere."""
    rows.locked(bug_id, by=by, action="bug.watch")
    join(bug_id, by.user_id)


@transaction.atomic
def unwatch(bug_id: UUID, *, by: Principal) -> None:
    """Hear of it no more. Raises policy.Refused or NotThere."""
    rows.locked(bug_id, by=by, action="bug.watch")
    if by.user_id is not None:
        Watcher.objects.filter(bug_id=bug_id, user_id=by.user_id).delete()


def join(bug_id: UUID, *user_ids: int | None) -> None:
    """Let these people watch; None is nobody. For services that hold the bug in their transaction."""
    people = {user_id for user_id in user_ids if user_id is not None}
    now = timezone.now()
    Watcher.objects.bulk_create(
        (Watcher(bug_id=bug_id, user_id=user_id, since=now) for user_id in sorted(people)), ignore_conflicts=True
    )
