"""Holding one bug while it changes: found behind the gate, locked, compared with what its writer read, saved."""

from uuid import UUID

from django.utils import timezone

from audit import access
from audit.actors import Principal
from bugs import policy, rollups
from bugs.models import Bug
from bugs.services import counting


class NotThere(LookupError):
    """Missing, or not this principal's to know of."""


class StaleVersion(Exception):
    """Somebody else changed it since it was read."""


class Merged(Exception):
    """A bug that was merged into another stays as it is until the merge is undone."""


def locked(bug_id: UUID, *, by: Principal, action: str, version: int | None = None, is_deleted: bool = False) -> Bug:
    """The bug, locked until the transaction ends; of the deleted ones when `is_deleted`.

    Raises NotThere, policy.Refused or StaleVersion.
    """
    rows = Bug.objects.select_for_update(no_key=True).defer("words", "stems")
    bug = rows.filter(pk=bug_id, deleted_at__isnull=not is_deleted).first()
    if bug is None or (by.label != "system" and not policy.allows(by, "bug.read", bug.project_id)):
        raise NotThere(bug_id)
    access.touched(bug.project_id, f"bug:{bug.pk}")
    policy.check(by, action, bug.project_id)
    if version is not None and version != bug.version:
        raise StaleVersion(bug_id)
    return bug


def check_not_merged(bug: Bug) -> None:
    """Raises Merged."""
    if bug.merged_into_id:
        raise Merged(bug.pk)


def save(bug: Bug, *fields: str, before: rollups.Facts) -> None:
    """Write those fields as the next version; `before` is what the rollups counted, from `rollups.facts(bug)`."""
    bug.version += 1
    bug.updated_at = timezone.now()
    bug.save(update_fields=[*fields, "version", "updated_at"])
    counting.changed(bug.project_id, before, rollups.facts(bug))
