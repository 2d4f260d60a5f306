"""What people set up once and the system follows: saved views, assignment and escalation."""

from django.db import models
from django.db.models import F

from audit.identifiers import uuid7
from bugs.choices import Severity
from bugs.models.people import Project, User


class SavedView(models.Model):
    """A filter with a name; shared ones belong to all who see the project."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=100)
    q = models.CharField(max_length=2000, blank=True)
    ordering = models.CharField(max_length=20, default="-created_at")
    is_shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="bugs_view_name")]
        indexes = [models.Index(F("project"), F("created_at").desc(), F("id").desc(), name="bugs_view_newest")]

    def __str__(self) -> str:
        return self.name


class AssignmentRule(models.Model):
    """New bugs whose component or code path is like this go to that person; the first rule that fits wins.

    component, path: patterns with `*`; an empty one fits everything.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="assignment_rules")
    position = models.PositiveSmallIntegerField(default=0)
    component = models.CharField(max_length=100, blank=True)
    path = models.CharField(max_length=200, blank=True)
    assignee = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.component or '*'} {self.path or '*'} to {self.assignee}"


class EscalationRule(models.Model):
    """Bugs that match `q` and are less severe are raised to `severity`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="escalation_rules")
    q = models.CharField(max_length=2000)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.q} to {self.severity}"
