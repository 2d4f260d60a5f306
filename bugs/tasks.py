"""Periodic work of bugs."""

from celery import shared_task

from bugs import escalation
from bugs.services import folding, sweeping


@shared_task
def fold_rollups(**_: object) -> None:
    """Move what was counted since the last time into the rollups; answers are exact before and after."""
    folding.fold()


@shared_task
def escalate(**_: object) -> None:
    """Raise bugs that match escalation rules."""
    escalation.run()


@shared_task
def sweep_attachments(**_: object) -> None:
    """Remove stored bytes that no attachment tells of."""
    sweeping.sweep()
