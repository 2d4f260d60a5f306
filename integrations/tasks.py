"""Look now: for events to owe, for deliveries to send."""

from celery import shared_task

from audit import log
from integrations import delivery
from integrations import dispatch as dispatching

BATCHES = 20  # then the next message goes on, so that a worker can be stopped in between


@shared_task
def dispatch(**_: object) -> None:
    """Turn waiting events into deliveries, and start sending."""
    dispatching.dispatch()
    log.wake("integrations.tasks.deliver")


@shared_task
def deliver(**_: object) -> None:
    """Send while something is due."""
    for _batch in range(BATCHES):
        if not delivery.deliver_batch():
            return
    log.wake("integrations.tasks.deliver")
