"""Keeping who told of a bug: sealed, and found again by a keyed digest."""

from uuid import UUID

from django.utils import timezone

from audit.identifiers import uuid7
from bugs.models import Reporter
from bugs.selectors import reporters
from config import keyring


def named(project_id: UUID, name: str) -> Reporter:
    """The reporter that a project knows by an e-mail address, or the name of a member; a new one when there is none."""
    if found := reporters.find(project_id, name):
        return found
    if user := reporters.member(project_id, name):
        now = {"created_at": timezone.now()}
        return Reporter.objects.get_or_create(project_id=project_id, user=user, defaults=now)[0]
    row_id, known_as = uuid7(), reporters.known_as(project_id, name)
    sealed = keyring.seal(known_as.encode(), place=reporters.PLACE, row=row_id)
    values = {"id": row_id, "identity": sealed, "created_at": timezone.now()}
    blind = keyring.blind(known_as, place=reporters.BLIND)
    return Reporter.objects.get_or_create(project_id=project_id, blind=blind, defaults=values)[0]
