"""The record: people and projects, bugs, and the errors behind them."""

import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import BugType, Level, Resolution, Role, Severity, Status


def new_public_key() -> str:
    """32 hex digits: what a Sentry DSN carries."""
    return secrets.token_hex(16)


class User(AbstractUser):
    """A person who signs in."""


class Project(models.Model):
    """The tenant. `number` is what SDKs know it by, `key` begins its bugs' references."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(unique=True, editable=False)
    key = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=50, default="UTC")
    next_bug_number = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person is in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="bugs_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"


class IngestKey(models.Model):
    """Lets SDKs of one project send errors; public by nature, it reads nothing."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="ingest_keys")
    public_key = models.CharField(max_length=32, unique=True, default=new_public_key)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"DSN of {self.project}"


class ErrorGroup(models.Model):
    """Error reports that are the same problem."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    fingerprint = models.CharField(max_length=32)
    grouping = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    culprit = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.ERROR)
    bug = models.ForeignKey("Bug", on_delete=models.SET_NULL, null=True, related_name="error_groups")
    reports = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "fingerprint"], name="bugs_group_fingerprint")]

    def __str__(self) -> str:
        return self.title


class Bug(models.Model):
    """One bug: what people say of it and what happens to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="bugs")
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True, max_length=50_000)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.MEDIUM)
    bug_type = models.CharField(max_length=12, choices=BugType.choices, default=BugType.OTHER)
    resolution = models.CharField(max_length=20, choices=Resolution.choices, blank=True)
    component = models.CharField(max_length=100, blank=True)
    environment = models.CharField(max_length=64, blank=True)
    release = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    reporter = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    error_level = models.CharField(max_length=8, choices=Level.choices, blank=True, editable=False)
    error_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="bugs_bug_reference")]
        indexes = [
            models.Index(F("project"), F("created_at").desc(), F("id").desc(), name="bugs_bug_newest"),
            # For those with many projects: an IN over projects cannot be read in the order of the index above.
            models.Index(F("created_at").desc(), F("id").desc(), name="bugs_bug_newest_of_all"),
            models.Index(F("project"), F("updated_at").desc(), F("id").desc(), name="bugs_bug_changed"),
            models.Index(
                F("project"),
                F("status"),
                F("created_at").desc(),
                F("id").desc(),
                name="bugs_bug_status_newest",
            ),
            models.Index(
                F("project"),
                F("severity"),
                F("created_at").desc(),
                F("id").desc(),
                name="bugs_bug_severity_newest",
            ),
            models.Index(fields=["assignee"], name="bugs_bug_assignee", condition=Q(assignee__isnull=False)),
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
        indexes = [models.Index(fields=["project_id", "group_id", "id"], name="bugs_report_group")]

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
