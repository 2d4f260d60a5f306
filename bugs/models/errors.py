"""What machines say: error reports, their groups, and the sessions and releases around them."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import Level
from bugs.models.people import Project


class ErrorGroup(models.Model):
    """Error reports with one fingerprint: the same problem as far as their stacks say.

    Groups that people or a measured similarity found to be one problem stand behind the one they are `merged_into`,
    which has no other before it; lists show that one, with the counts of all. Nothing of a group moves when it is
    merged or split, so both cost the same for one report and for a million.

    context: what its reports had, field -> distinct texts, bounded (`bugs.query.context`); `context_words` is the
    same as words, which the filter language looks in. last_release: the latest version that it was seen in.
    last_seen_at: of a group that others stand behind, theirs too. rule: that made it; it may be gone, since whoever
    removes one neither waits for reports that come nor writes to all its groups.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    fingerprint = models.CharField(max_length=32)
    grouping = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    culprit = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.ERROR)
    bug = models.ForeignKey("bugs.Bug", on_delete=models.SET_NULL, null=True, related_name="error_groups")
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="members")
    rule = models.ForeignKey(
        "bugs.GroupingRule",
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    last_release = models.CharField(max_length=200, blank=True, db_default="")
    spiking_since = models.DateTimeField(null=True)
    reports = models.PositiveIntegerField(default=0)
    users = models.PositiveIntegerField(default=0, db_default=0)
    context = models.JSONField(default=dict, db_default={})
    context_words = SearchVectorField(default="", db_default="")
    redaction_version = models.PositiveIntegerField(default=0, db_default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "fingerprint"], name="bugs_group_fingerprint")]
        indexes = [
            models.Index(
                F("project"),
                F("last_seen_at").desc(),
                F("id").desc(),
                name="bugs_group_recent",
                condition=Q(merged_into=None),
            ),
            models.Index(fields=["project"], name="bugs_group_spiking", condition=Q(spiking_since__isnull=False)),
            GinIndex(fields=["context_words"], name="bugs_group_context"),
        ]

    def __str__(self) -> str:
        return self.title


class ContextDelta(models.Model):
    """Texts that reports had and that their group's context has not got yet; folded into it within seconds."""

    id = models.BigAutoField(primary_key=True)
    group_id = models.UUIDField()
    texts = models.JSONField()

    def __str__(self) -> str:
        return str(self.group_id)


class ErrorReport(models.Model):
    """One crash of one program. Partitioned by month of its id; no foreign key points here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project_id = models.UUIDField()
    group_id = models.UUIDField()
    event_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    level = models.CharField(max_length=8, choices=Level.choices)
    message = models.CharField(max_length=1000, blank=True)
    component = models.CharField(max_length=100, blank=True)
    environment = models.CharField(max_length=64, blank=True)
    release = models.CharField(max_length=200, blank=True)
    session_id = models.CharField(max_length=64, blank=True)
    payload = models.BinaryField()  # the normalised report as zstd-compressed JSON
    originals = models.BinaryField(null=True)
    redaction_version = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(fields=["project_id", "group_id", "id"], name="bugs_report_group"),
            models.Index(fields=["project_id", "id"], name="bugs_report_newest"),
            models.Index(
                fields=["project_id", "session_id", "id"], name="bugs_report_session", condition=~Q(session_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.message}"


class SeenEvent(models.Model):
    """The event ids of the last 90 days, so that a report which an SDK sends twice counts once; and its report.

    Of feedback, which has ids of the same kind, `report_id` is the row of that.
    """

    pk = models.CompositePrimaryKey("project_id", "event_id")
    project_id = models.UUIDField()
    event_id = models.UUIDField()
    seen_at = models.DateTimeField(auto_now_add=True)
    report_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="bugs_seen_age")]  # 7 bytes: a batch shares its moment

    def __str__(self) -> str:
        return str(self.event_id)


class AffectedUser(models.Model):
    """That a group of errors met a user; `user_key` is a keyed hash, never the user's own name."""

    pk = models.CompositePrimaryKey("group_id", "user_key")
    group_id = models.UUIDField()
    user_key = models.CharField(max_length=32)
    first_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.user_key
