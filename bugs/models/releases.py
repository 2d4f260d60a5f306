"""What surrounds errors: sessions, releases, and the commits that releases are made of."""

from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import SessionState
from bugs.models.people import Project


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
    sequence = models.BigIntegerField(default=0, db_default=0)  # of the last update that its SDK sent
    duration = models.FloatField(null=True)  # seconds
    is_tracked = models.BooleanField(default=False, db_default=False)  # reported as a session, not only named by errors
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="bugs_session_key")]
        indexes = [
            models.Index(F("project"), F("started_at").desc(), F("id").desc(), name="bugs_session_newest"),
            models.Index(
                F("project"), F("release"), F("started_at").desc(), F("id").desc(), name="bugs_session_release"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class SessionCount(models.Model):
    """Sessions that SDKs of servers count themselves and send as numbers, by the hour in which they started."""

    pk = models.CompositePrimaryKey("project_id", "release", "environment", "hour")
    project_id = models.UUIDField()
    release = models.CharField(max_length=200)
    environment = models.CharField(max_length=64)
    hour = models.DateTimeField()
    exited = models.PositiveIntegerField(default=0)
    errored = models.PositiveIntegerField(default=0)
    crashed = models.PositiveIntegerField(default=0)
    abnormal = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["project_id", "hour"], name="bugs_sessioncount_hour")]

    def __str__(self) -> str:
        return f"{self.release} at {self.hour}"


class Release(models.Model):
    """One version of a program. `commit` is the last one in it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    version = models.CharField(max_length=200)
    commit = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="bugs_release_version")]
        indexes = [
            models.Index(F("project"), F("created_at").desc(), F("id").desc(), name="bugs_release_newest"),
            models.Index(fields=["project", "commit"], name="bugs_release_head", condition=~Q(commit="")),
        ]

    def __str__(self) -> str:
        return self.version


class CodeChange(models.Model):
    """One commit and the files that it changed; of no release yet when it was only pushed.

    is_named: whether its release named it; otherwise the release took what had been pushed until then, and one that
    names the commit has it instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.SET_NULL, null=True, related_name="changes")
    is_named = models.BooleanField(default=False, db_default=False)
    commit = models.CharField(max_length=64)
    message = models.CharField(max_length=500, blank=True)
    author = models.CharField(max_length=150, blank=True)
    files = models.JSONField(default=list)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "commit"], name="bugs_change_once")]
        indexes = [
            models.Index(F("project"), F("committed_at").desc(), F("id").desc(), name="bugs_change_newest"),
            models.Index(fields=["project", "id"], name="bugs_change_waiting", condition=Q(release=None)),
        ]

    def __str__(self) -> str:
        return self.commit[:12]
