"""What comes from SDKs, before it is read, and what became of it."""

from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.models.people import Project


class Arrival(models.Model):
    """An envelope that was acknowledged and waits to be read: safe on disk, in the order of its id.

    attempts: how often it was claimed, counted before the work; also the epoch of its claim. size: of the plain body.
    encoding: `sealed` (`bugs.ingest.sealing`), with who sent it inside. Those that came before envelopes were encrypted
    name that of their body, and their `peer`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project_id = models.UUIDField()
    event_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    peer = models.CharField(max_length=45, blank=True)
    size = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    encoding = models.CharField(max_length=8, db_default="zstd")
    body = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "id"], name="bugs_arrival_order")]

    def __str__(self) -> str:
        return str(self.id)


class Count(models.Model):
    """How many items of one kind met one fate. project_id is null where no project was found."""

    project_id = models.UUIDField(null=True)
    hour = models.DateTimeField()
    category = models.CharField(max_length=20)
    outcome = models.CharField(max_length=16)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.outcome} {self.category} at {self.hour}"


class OutcomeDelta(Count):
    """Written beside what it counts; folded into the totals later, so that nothing waits for a hot row."""

    id = models.BigAutoField(primary_key=True)
    quantity = models.IntegerField()


class OutcomeTotal(Count):
    """What has been folded."""

    id = models.BigAutoField(primary_key=True)
    quantity = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "hour", "category", "outcome", "reason"],
                name="bugs_outcome_total",
                nulls_distinct=False,
            )
        ]


class RefusedEvent(models.Model):
    """An event that has an id and was not kept, or came again: what became of it, for a week."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project_id = models.UUIDField()
    event_id = models.UUIDField()
    outcome = models.CharField(max_length=16)
    reason = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "event_id"], name="bugs_refused_event")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.outcome}"


class PayloadDictionary(models.Model):
    """What payloads of one project have in common, for zstd; a payload names the one it needs by its id.

    It stays as long as payloads need it: without it they cannot be read (`bugs.ingest.redaction_work`).
    checked_at: when it was last found to do as well as one that newer payloads would make (`services.dictionaries`).
    """

    id = models.AutoField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    data = models.BinaryField()
    trained_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(F("project"), F("id").desc(), name="bugs_dictionary_newest")]

    def __str__(self) -> str:
        return f"dictionary {self.pk}"


class Feedback(models.Model):
    """What a user of a program said when something went wrong, and the bug it became.

    event_id: of the error that it is about. error_bug: the bug of that error, as soon as it is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    bug = models.ForeignKey("bugs.Bug", on_delete=models.CASCADE, related_name="feedback")
    event_id = models.UUIDField(null=True)
    error_bug = models.ForeignKey("bugs.Bug", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    name = models.CharField(max_length=128, blank=True)
    email = models.CharField(max_length=254, blank=True)
    url = models.CharField(max_length=500, blank=True)
    message = models.TextField(max_length=4_096)
    reporter = models.ForeignKey("bugs.Reporter", on_delete=models.SET_NULL, null=True, related_name="+")
    originals = models.BinaryField(null=True)
    redaction_version = models.PositiveIntegerField(default=0, db_default=0)
    source = models.CharField(max_length=12)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(F("project"), F("created_at").desc(), F("id").desc(), name="bugs_feedback_newest"),
            models.Index(F("error_bug"), F("created_at").desc(), F("id").desc(), name="bugs_feedback_error"),
            models.Index(
                fields=["project", "event_id"],
                name="bugs_feedback_unlinked",
                condition=Q(error_bug=None, event_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.message[:60]
