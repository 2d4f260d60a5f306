"""One export: what was asked, how far it is, and the file it became. The row is its own queue entry."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audit.identifiers import uuid7
from exports.formats import Format


class Resource(models.TextChoices):
    BUGS = "bugs"


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


UNFINISHED = [State.QUEUED, State.RUNNING]


class Export(models.Model):
    """lease_until: until then it is somebody's, or rests before another attempt, by the clock of PostgreSQL.

    epoch: counts the claims; only the latest may report progress or finish. purpose: of a raw export, in which texts of
    those who agreed to that are as they were written; rows_raw: how many rows that were. A raw one is revoked, and its
    file removed, when someone takes that back or is forgotten.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project_ids = ArrayField(models.UUIDField())
    requested_by = models.CharField(max_length=80)
    user_id = models.IntegerField(null=True)
    resource = models.CharField(max_length=20, choices=Resource.choices, default=Resource.BUGS)
    format = models.CharField(max_length=6, choices=Format.choices)
    filters = models.JSONField(default=dict)
    fields = ArrayField(models.CharField(max_length=40))
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    purpose = models.CharField(max_length=12, blank=True, db_default="")
    rows_raw = models.PositiveIntegerField(default=0, db_default=0)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    file = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(db_default=Now())
    epoch = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["lease_until"], name="exports_due", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["requested_by", "created_at"], name="exports_mine"),
            GinIndex(fields=["project_ids"], name="exports_projects"),
            models.Index(fields=["purpose", "created_at"], name="exports_raw", condition=~Q(purpose="")),
        ]

    def __str__(self) -> str:
        return f"{self.resource} as {self.format}, {self.state}"
