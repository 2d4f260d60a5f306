"""Whose data it is: people who reported, what they agreed to, their wish to be forgotten, and changed rules at work."""

from django.db import models
from django.db.models import F, Q

from audit.identifiers import uuid7
from bugs.choices import Purpose, WorkState
from bugs.models.people import Project, User


class Reporter(models.Model):
    """Someone outside or inside who told of a bug, as one project knows them.

    identity: e-mail address or other name, sealed; blind: what it is looked up by (`config.keyring`). Of a person who
    signs in here both are empty, and `user` says who it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    identity = models.BinaryField(null=True)
    blind = models.BinaryField(max_length=18, null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "blind"], name="bugs_reporter_identity"),
            models.UniqueConstraint(fields=["project", "user"], name="bugs_reporter_user"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Consent(models.Model):
    """One decision of a reporter for one purpose. The newest counts; all are kept.

    source: where it was given or taken back (`form`, `e-mail`, `api` …), as whoever recorded it says.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    reporter = models.ForeignKey(Reporter, on_delete=models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    is_granted = models.BooleanField()
    source = models.CharField(max_length=100, blank=True)
    actor = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(F("reporter"), F("purpose"), F("id").desc(), name="bugs_consent_newest"),
            models.Index(F("project"), F("decided_at").desc(), F("id").desc(), name="bugs_consent_decided"),
            models.Index(
                fields=["project", "purpose", "decided_at"],
                name="bugs_consent_taken_back",
                condition=Q(is_granted=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {'granted' if self.is_granted else 'withdrawn'}"


class Work(models.Model):
    """Long work over all rows of a project, done in chunks by whoever holds the lease.

    stage, last: how far it is. epoch: counts the claims; only the newest goes on.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=8, choices=WorkState.choices, default=WorkState.QUEUED)
    stage = models.CharField(max_length=20, blank=True)
    last = models.UUIDField(null=True)
    counts = models.JSONField(default=dict)
    actor = models.CharField(max_length=80)
    leased_until = models.DateTimeField(null=True)
    epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"


class Redaction(Work):
    """All texts of a project are read again under its changed rules. version: the rules to have when it is done."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(F("project"), F("id").desc(), name="bugs_redaction_newest")]


class Erasure(Work):
    """Someone is forgotten in these projects. identity: who, sealed, and gone when it is done.

    receipt: what was done, signed; without the identity.
    """

    project_ids = models.JSONField(default=list)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    identity = models.BinaryField(null=True)
    receipt = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="bugs_erasure_newest"),
            models.Index(fields=["created_at"], name="bugs_erasure_open", condition=Q(finished_at=None)),
        ]
