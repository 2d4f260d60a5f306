"""What machines say: error reports, their groups, and the sessions and releases around them."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import Level, SessionState
from bugs.models.people import Project


class ErrorGroup(models.Model):
    """Error reports that are the same problem.

    context: what its reports had, field -> distinct texts, bounded (`bugs.query.context`); `context_words` is the
    same as words, which the filter language looks in.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    fingerprint = models.CharField(max_length=32)
    grouping = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    culprit = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.ERROR)
    bug = models.ForeignKey("bugs.Bug", on_delete=models.SET_NULL, null=True, related_name="error_groups")
    reports = models.PositiveIntegerField(default=0)
    users = models.PositiveIntegerField(default=0, db_default=0)
    context = models.JSONField(default=dict, db_default={})
    context_words = SearchVectorField(default="", db_default="")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "fingerprint"], name="bugs_group_fingerprint")]
        indexes = [
            models.Index(F("project"), F("last_seen_at").desc(), F("id").desc(), name="bugs_group_recent"),
            GinIndex(fields=["context_words"], name="bugs_group_context"),
        ]

    def __str__(self) -> str:
        return self.title


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
    """The event ids of the last 90 days, so that a report which an SDK sends twice counts once."""

    pk = models.CompositePrimaryKey("project_id", "event_id")
    project_id = models.UUIDField()
    event_id = models.UUIDField()
    seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="bugs_seen_age")]

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


class Session(models.Model):
    """One visit of one user to a program under watch. `key` is what SDKs call it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    key = models.CharField(max_length=64)
    user_key = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=10, choices=SessionState.choices, default=SessionState.OK)
    environment = models.CharField(max_length=64, blank=True)
    release = models.CharField(max_length=200, blank=True)
    errors = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="bugs_session_key")]
        indexes = [models.Index(F("project"), F("started_at").desc(), F("id").desc(), name="bugs_session_newest")]

    def __str__(self) -> str:
        return self.key


class Release(models.Model):
    """One version of a program."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    version = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="bugs_release_version")]
        indexes = [models.Index(F("project"), F("created_at").desc(), F("id").desc(), name="bugs_release_newest")]

    def __str__(self) -> str:
        return self.version


class CodeChange(models.Model):
    """One commit of a release and the files that it changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="changes")
    commit = models.CharField(max_length=64)
    message = models.CharField(max_length=500, blank=True)
    author = models.CharField(max_length=150, blank=True)
    files = models.JSONField(default=list)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "commit"], name="bugs_change_once")]

    def __str__(self) -> str:
        return self.commit[:12]
