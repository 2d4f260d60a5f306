"""Periodic work of the ground floor."""

from celery import current_app, shared_task
from django.db import connection
from django.utils import timezone

from audit import outbox
from audit.partitions import months_ahead


@shared_task
def sweep(**_: object) -> None:
    """Run every route that has entries left: what a crash, a flushed broker or a lost message left behind."""
    for route in outbox.waiting_routes():
        current_app.tasks[route]()


@shared_task
def make_partitions(**_: object) -> None:
    """Keep partitions of the next months ready."""
    with connection.cursor() as cursor:
        for table in ("audit_accessrecord", "bugs_errorreport"):
            for statement in months_ahead(table, timezone.now()):
                cursor.execute(statement)
