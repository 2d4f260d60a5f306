"""Work of keys: periodic, and after what others do."""

from celery import shared_task
from django.db import transaction

from apikeys import idempotency
from audit import log


@shared_task
def prune_answers(**_: object) -> None:
    """Forget answers that are kept no longer."""
    while idempotency.prune() == idempotency.PRUNED_AT_ONCE:
        pass


@shared_task
def forget_answers(**_: object) -> None:
    """Kept answers have texts as they were: where the rules of redaction changed, only that there was one is kept."""
    with transaction.atomic():
        for event in log.claim("apikeys.tasks.forget_answers"):
            if event.project_id:
                idempotency.forget_texts(event.project_id)
