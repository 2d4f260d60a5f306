"""What happened (Event), passes (Announcement), is still to be told (OutboxEntry), who called, and what proves it."""

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


class NextAccessNumber(Func):
    template = "nextval('audit_access_number'::regclass)"
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
            models.Index(fields=["actor", "id"], name="audit_event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("history is append-only")


class Announcement(models.Model):
    """What passes but must not be missed meanwhile: kept an hour, so that streams find what Redis lost of it.

    Of those of a type that are pruned a mark stays: of the type `pruned`, about that type, with the largest xid.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    era = models.IntegerField()
    xid = models.BigIntegerField(db_default=CurrentTransaction())
    type = models.CharField(max_length=64)
    subject = models.CharField(max_length=80)
    project_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["era", "xid"], name="audit_announcement_order"),
            models.Index(fields=["occurred_at"], name="audit_announcement_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class OutboxEntry(models.Model):
    """One event that one durable route has not taken over yet."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE)
    route = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["route", "id"], name="audit_outbox_route")]

    def __str__(self) -> str:
        return f"{self.route} <- {self.event_id}"


class PersonKey(models.Model):
    """What the personal fields of one person's records are encrypted with. Without it nobody reads them again.

    person: `user:7`, of the person's sessions and keys alike, or `anonymous:2026-11`; rarely with several keys, when
    two processes made one at once. wrapped: sealed by the key ring.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.CharField(max_length=80)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["person", "id"], name="audit_personkey_person")]

    def __str__(self) -> str:
        return self.person


class AccessRecord(models.Model):
    """One call on one of our doors, or many refused ones counted. Partitioned by month of its id.

    person: the key that opens `sealed`: address, user agent, path and query as they were sent. path: its route.
    target: what it was about, the first of `targets`. outcome: allowed, refused or failed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    era = models.IntegerField()
    xid = models.BigIntegerField(db_default=CurrentTransaction())
    seq = models.BigIntegerField(db_default=NextAccessNumber())
    occurred_at = models.DateTimeField()
    channel = models.CharField(max_length=10)  # rest, stream, admin, page
    actor = models.CharField(max_length=80)
    person = models.UUIDField(null=True)
    operation = models.CharField(max_length=80)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=200, blank=True)
    status = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8)
    code = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=80, blank=True)
    targets = models.PositiveIntegerField(default=0)
    data_class = models.CharField(max_length=8, blank=True)  # "" or raw
    request_id = models.CharField(max_length=64)
    project_ids = ArrayField(models.UUIDField(), default=list)
    duration_ms = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(null=True)
    size = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "id"], name="audit_access_actor"),
            models.Index(fields=["request_id"], name="audit_access_request"),
            models.Index(fields=["era", "xid", "seq"], name="audit_access_order"),
            models.Index(fields=["target", "id"], name="audit_access_target", condition=~models.Q(target="")),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.method} {self.path} {self.status}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("history is append-only")


class Seal(models.Model):
    """Proof of up to 1,000 rows of one chain, in their order. A trigger refuses any update or delete.

    month: of the rows' ids, for a chain that forgets whole months; empty otherwise. root: of the rows' Merkle tree.
    previous: the hash of the seal before. What is signed is written in `audit/seals.py`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    format = models.PositiveSmallIntegerField()
    chain = models.CharField(max_length=10)
    number = models.BigIntegerField()
    month = models.CharField(max_length=7, blank=True)
    era = models.IntegerField()
    first_xid = models.BigIntegerField()
    first_seq = models.BigIntegerField()
    last_xid = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    count = models.PositiveIntegerField()
    root = models.BinaryField()
    previous = models.BinaryField()
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_seal_number")]
        indexes = [
            models.Index(fields=["chain", "era", "last_xid", "last_seq"], name="audit_seal_place"),
            models.Index(fields=["sealed_at", "id"], name="audit_seal_time"),
        ]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("seals are append-only")


class SealLeaves(models.Model):
    """The hashes of a seal's rows, so that the first one that was changed can be named. Gone with their month."""

    seal = models.OneToOneField(
        Seal, on_delete=models.CASCADE, primary_key=True, related_name="leaves", db_constraint=False
    )
    hashes = models.BinaryField()

    def __str__(self) -> str:
        return str(self.seal_id)


class Pruning(models.Model):
    """A month that was dropped whole, on purpose: signed, so that its seals count as pruned and not as broken."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    format = models.PositiveSmallIntegerField()
    chain = models.CharField(max_length=10)
    month = models.CharField(max_length=7)
    last_number = models.BigIntegerField()
    rows = models.BigIntegerField()
    pruned_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "month"], name="audit_pruning_month")]

    def __str__(self) -> str:
        return f"{self.chain} {self.month}"
