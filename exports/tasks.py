"""A worker is told to look now."""

from celery import shared_task
from django.db import transaction

from audit import log
from audit.actors import SYSTEM
from exports import runner, services


@shared_task
def start(**_: object) -> None:
    """An export was requested: its row is the work, so the entry only has to go."""
    with transaction.atomic():
        log.claim("exports.tasks.start")
    log.wake("exports.tasks.run")


@shared_task
def revoke(**_: object) -> None:
    """Someone took a consent back: raw exports that it allowed go, with their files."""
    with transaction.atomic():
        for event in log.claim("exports.tasks.revoke"):
            if event.project_id and not event.data["is_granted"]:
                services.revoke_raw(event.project_id, purpose=event.data["purpose"], by=SYSTEM)


@shared_task
def run(**_: object) -> None:
    """Run what is due: new, failed before, or left by a crash."""
    runner.run_due()
