"""A worker is told to look now."""

from celery import shared_task
from django.db import transaction

from audit import log
from exports import runner


@shared_task
def start(**_: object) -> None:
    """An export was requested: its row is the work, so the entry only has to go."""
    with transaction.atomic():
        log.claim("exports.tasks.start")
    log.wake("exports.tasks.run")


@shared_task
def run(**_: object) -> None:
    """Run what is due: new, failed before, or left by a crash."""
    runner.run_due()
