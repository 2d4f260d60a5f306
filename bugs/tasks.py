"""Periodic work of bugs."""

import time

from celery import shared_task

from bugs import escalation
from bugs.ingest.digest import digester
from bugs.services import dictionaries, feedback, folding, outcomes, retention, spikes, sweeping

DIGEST_SECONDS = 1.0  # then its caller may see whether it is to stop


@shared_task
def digest(**_: object) -> None:
    """Read the envelopes that wait, as long as there are any and a while at most."""
    end = time.monotonic() + DIGEST_SECONDS
    while digester.digest_waiting() and time.monotonic() < end:
        pass


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


@shared_task
def fold_outcomes(**_: object) -> None:
    """Move what was counted of ingest since the last time into the totals; answers are exact before and after."""
    outcomes.fold()


@shared_task
def forget_refused(**_: object) -> None:
    """Forget what became of single events that were refused a week ago."""
    outcomes.forget()


@shared_task
def link_feedback(**_: object) -> None:
    """Link feedback whose error came in the same moment, or got its bug later."""
    feedback.link_left()


@shared_task
def check_spikes(**_: object) -> None:
    """Mark groups whose errors come far more often than before, and unmark those where that is over."""
    spikes.check()


@shared_task
def train_dictionaries(**_: object) -> None:
    """Learn what payloads of a project have in common, where nobody has or where they have changed."""
    dictionaries.train_due()


@shared_task
def retain_errors(**_: object) -> None:
    """Drop and delete error reports that are older than the settings keep them."""
    retention.retain()
