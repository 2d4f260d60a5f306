"""Periodic work of keys."""

from celery import shared_task

from apikeys import idempotency


@shared_task
def prune_answers(**_: object) -> None:
    """Forget answers that are kept no longer."""
    while idempotency.prune() == idempotency.PRUNED_AT_ONCE:
        pass
