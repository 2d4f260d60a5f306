"""What a project wants of redaction, and the work that a change of it begins."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import SYSTEM, Principal
from bugs import events, policy
from bugs.models import Project, Redaction
from bugs.privacy import redaction
from bugs.selectors import privacy
from bugs.services import rows


@transaction.atomic
def change(project_id: UUID, *, rules: Mapping[str, Any], by: Principal, version: int | None = None) -> Project:
    """Follow these rules from now on; all that was written before is read again under them, later.

    Raises redaction.BadRules, rows.StaleVersion or policy.Refused.
    """
    policy.check(by, "privacy.manage", project_id)
    redaction.Rules.of(rules)
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    if version is not None and version != project.privacy_version:
        raise rows.StaleVersion(project_id)
    if project.privacy == rules:
        return project
    project.privacy, project.privacy_version = dict(rules), project.privacy_version + 1
    project.save(update_fields=["privacy", "privacy_version"])
    enqueue(project, by=by)
    events.privacy_changed(project, by=by)
    transaction.on_commit(lambda: privacy.forget(project_id))
    return project


def enqueue(project: Project, *, by: Principal = SYSTEM) -> Redaction:
    """Have all texts of a project read again under the rules that it has."""
    version = privacy.version_of(project.privacy_version)
    return Redaction.objects.create(project=project, version=version, actor=by.label, created_at=timezone.now())


@transaction.atomic
def enqueue_outdated(limit: int) -> int:
    """The same for projects whose texts nobody has read since detectors or rules are what they are; how many."""
    outdated = list(privacy.outdated(limit))
    for project in Project.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=outdated):
        if privacy.newest(project.pk, version=privacy.version_of(project.privacy_version)) is None:
            enqueue(project)
    return len(outdated)
