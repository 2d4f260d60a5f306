"""Periodic work of bugs."""

import time
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.db import transaction

from audit import log
from bugs import escalation
from bugs.forgetting import runner as forgetting
from bugs.ingest import redaction_work, regrouping
from bugs.ingest.digest import digester
from bugs.services import contexts, dictionaries, feedback, folding, outcomes, retention, spikes, sweeping

ERASE_SECONDS = 10.0
REGROUP_SECONDS = 5.0  # then other work has its turn
REDACT_SECONDS = 5.0
DIGEST_SECONDS = 1.0  # then its caller may see whether it is to stop


@shared_task
def digest(**_: object) -> None:
    """Read the envelopes that wait, as long as there are any and a while at most."""
    end = time.monotonic() + DIGEST_SECONDS
    while digester.digest_waiting(end) and time.monotonic() < end:
        pass


@shared_task
def fold_rollups(**_: object) -> None:
    """Move what was counted since the last time into the rollups; answers are exact before and after."""
    folding.fold()


@shared_task
def fold_contexts(**_: object) -> None:
    """Let the filter language find what reports said since the last time."""
    contexts.fold()


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


@shared_task
def regroup(**_: object) -> None:
    """Group stored reports anew for a while. Rows are the work, so the entries only have to go."""
    with transaction.atomic():
        log.claim("bugs.tasks.regroup")
    if regrouping.run_due(REGROUP_SECONDS):
        log.wake("bugs.tasks.regroup")


@shared_task
def erase(**_: object) -> None:
    """Forget people for a while. Rows are the work, so the entries only have to go."""
    with transaction.atomic():
        log.claim("bugs.tasks.erase")
    if forgetting.run_due(ERASE_SECONDS):
        log.wake("bugs.tasks.erase")


@shared_task
def redact_again(**_: object) -> None:
    """Read texts again under changed rules for a while. Rows are the work, so the entries only have to go."""
    with transaction.atomic():
        log.claim("bugs.tasks.redact_again")
    if redaction_work.run_due(REDACT_SECONDS):
        log.wake("bugs.tasks.redact_again")


@shared_task
def forget_sessions(**_: object) -> None:
    """Sessions that have ended are not kept."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
