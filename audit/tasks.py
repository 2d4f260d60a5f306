"""Periodic work of the ground floor."""

import logging

from celery import current_app, shared_task
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import announcements, outbox, partitions, retention, sealing

_log = logging.getLogger(__name__)


@shared_task
def sweep(**_: object) -> None:
    """Run every route that has entries left: what a crash, a flushed broker or a lost message left behind."""
    for route in outbox.waiting_routes():
        current_app.tasks[route]()


@shared_task
def make_partitions(**_: object) -> None:
    """Keep partitions of the next months ready. A month that has rows elsewhere already goes without one."""
    for table in ("audit_accessrecord", "bugs_errorreport"):
        for statement in partitions.months_ahead(table, timezone.now()):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
            except IntegrityError:
                _log.warning("rows of this month are in the default partition: %s", statement)
    with connection.cursor() as cursor:
        cursor.execute(partitions.GUARD)


@shared_task
def seal(**_: object) -> None:
    """Prove what has settled."""
    sealing.seal_all()


@shared_task
def prune(**_: object) -> None:
    """Drop months of access records that are too old."""
    for name in retention.prune():
        _log.warning("%s was dropped, AUDIT_RETENTION_MONTHS says so", name)


@shared_task
def prune_announcements(**_: object) -> None:
    """Take off what was kept for streams alone."""
    while announcements.prune() == announcements.AT_ONCE:
        pass
