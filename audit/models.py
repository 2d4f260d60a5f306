"""What happened (Event), who must still hear of it (OutboxEntry), who called (AccessRecord)."""

from typing import Any, NoReturn

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

from audit.identifiers import uuid7


class CurrentTransaction(Func):
    """This transaction's id as a number that never starts again within one era."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class NextEventNumber(Func):
    template = "nextval('audit_event_number'::regclass)"
    output_field = models.BigIntegerField()


class Era(models.Model):
    """One life of the database; a restore or a failover begins another, and transaction ids start again.

    mark: random, so that two restores of one backup, which count on from the same number, differ.
    """

    mark = models.CharField(max_length=12)
    system_identifier = models.DecimalField(max_digits=20, decimal_places=0)
    timeline = models.BigIntegerField()
    began_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system_identifier", "timeline"], name="audit_era_identity")]

    def __str__(self) -> str:
        return f"era {self.pk}"


class Event(models.Model):
    """One fact, written in the transaction that made it true. A trigger refuses any update or delete."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    era = models.IntegerField()
    xid = models.BigIntegerField(db_default=CurrentTransaction())
    seq = models.BigIntegerField(db_default=NextEventNumber())
    type = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    subject = models.CharField(max_length=80)
    project_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["era", "xid", "seq"], name="audit_event_order"),
            models.Index(fields=["subject", "seq"], name="audit_event_subject"),
            models.Index(fields=["project_id", "seq"], name="audit_event_project"),
            models.Index(fields=["seq"], name="audit_event_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("history is append-only")


class OutboxEntry(models.Model):
    """One event that one durable route has not taken over yet."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE)
    route = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["route", "id"], name="audit_outbox_route")]

    def __str__(self) -> str:
        return f"{self.route} <- {self.event_id}"


class AccessRecord(models.Model):
    """One call on one of our doors, allowed or refused. Partitioned by month of its id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    occurred_at = models.DateTimeField()
    channel = models.CharField(max_length=10)  # rest, stream, admin, page
    actor = models.CharField(max_length=80)
    operation = models.CharField(max_length=80)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=64)
    project_ids = ArrayField(models.UUIDField(), default=list)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "id"], name="audit_access_actor"),
            models.Index(fields=["request_id"], name="audit_access_request"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.method} {self.path} {self.status}"
