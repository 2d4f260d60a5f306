"""The bug itself."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import BugType, Level, Priority, Resolution, Severity, Status
from bugs.models.people import Project, User


def _where_given(column: str) -> models.Index:
    """Newest first by a text that many bugs do not have."""
    order = (F(column), F("created_at").desc(), F("id").desc())
    return models.Index(*order, name=f"bugs_bug_{column}_newest", condition=~Q(**{column: ""}))


class Bug(models.Model):
    """One bug: what people say of it and what happens to it.

    words: its text as whole, case-folded words with weights (A title, B the other texts, C public comments, D error
    messages), made by `bugs.query.words`: what the filter language looks in. stems: the same text stemmed, which
    ranked search looks in. Both are kept by `bugs.services.indexing`. originals: what redaction took out of the texts,
    sealed (`bugs.privacy.originals`); redaction_version: the rules that it was done by.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Project and assignee lead indexes of their own below.
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="bugs", db_index=False)
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True, max_length=50_000)
    steps = models.TextField(blank=True, max_length=20_000)
    expected = models.TextField(blank=True, max_length=20_000)
    actual = models.TextField(blank=True, max_length=20_000)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.MEDIUM)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    bug_type = models.CharField(max_length=12, choices=BugType.choices, default=BugType.OTHER)
    resolution = models.CharField(max_length=20, choices=Resolution.choices, blank=True)
    component = models.CharField(max_length=100, blank=True)
    environment = models.CharField(max_length=64, blank=True)
    release = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    reporter = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    due_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, editable=False, related_name="+")
    error_level = models.CharField(max_length=8, choices=Level.choices, blank=True, editable=False)
    error_count = models.PositiveIntegerField(default=0, editable=False)
    user_count = models.PositiveIntegerField(default=0, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    attachment_count = models.PositiveIntegerField(default=0, editable=False)
    reopen_count = models.PositiveIntegerField(default=0, editable=False)
    words = SearchVectorField(default="", editable=False)
    stems = SearchVectorField(default="", editable=False)
    originals = models.BinaryField(null=True, editable=False)
    redaction_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    triaged_at = models.DateTimeField(null=True, editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="bugs_bug_reference")]
        indexes = [
            models.Index(F("project"), F("created_at").desc(), F("id").desc(), name="bugs_bug_newest"),
            # For those with many projects: an IN over projects cannot be read in the order of the index above.
            models.Index(F("created_at").desc(), F("id").desc(), name="bugs_bug_newest_of_all"),
            models.Index(F("project"), F("updated_at").desc(), F("id").desc(), name="bugs_bug_changed"),
            models.Index(F("updated_at").desc(), F("id").desc(), name="bugs_bug_changed_of_all"),
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
            models.Index(
                F("assignee"),
                F("created_at").desc(),
                F("id").desc(),
                name="bugs_bug_assignee_newest",
                condition=Q(assignee__isnull=False),
            ),
            models.Index(
                F("project"),
                F("component"),
                F("created_at").desc(),
                F("id").desc(),
                name="bugs_bug_component_newest",
            ),
            # Of one project or many, for values that few bugs have or none: looking for them must not read all.
            models.Index(F("priority"), F("created_at").desc(), F("id").desc(), name="bugs_bug_priority_newest"),
            models.Index(F("bug_type"), F("created_at").desc(), F("id").desc(), name="bugs_bug_type_newest"),
            _where_given("release"),
            _where_given("environment"),
            _where_given("resolution"),
            _where_given("error_level"),
            models.Index(
                F("created_at").desc(), F("id").desc(), name="bugs_bug_attached", condition=Q(attachment_count__gt=0)
            ),
            # Analytics read these alone: open bugs by age, and when bugs got where.
            models.Index(
                fields=["project", "created_at"],
                include=["severity", "assignee", "triaged_at"],
                condition=Q(deleted_at=None, status__in=["new", "triaged", "in_progress", "reopened"]),
                name="bugs_bug_open",
            ),
            models.Index(
                fields=["project", "created_at"],
                include=["id", "severity", "status", "triaged_at", "resolved_at", "closed_at"],
                condition=Q(deleted_at=None),
                name="bugs_bug_times",
            ),
            GinIndex(fields=["tags"], opclasses=["jsonb_path_ops"], name="bugs_bug_tags"),
            GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name="bugs_bug_custom"),
            GinIndex(fields=["words"], name="bugs_bug_words"),
            GinIndex(fields=["stems"], name="bugs_bug_stems"),
        ]

    def __str__(self) -> str:
        return self.title
