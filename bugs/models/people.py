"""People and the projects they work in."""

import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.utils.crypto import salted_hmac

from audit.identifiers import uuid7
from bugs.choices import BugsFrom, Role


def new_public_key() -> str:
    """32 hex digits: what a Sentry DSN carries."""
    return secrets.token_hex(16)


class User(AbstractUser):
    """A person who signs in.

    session_epoch: grows when all sessions of the person are to end; a changed password ends them as well.
    """

    session_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What each session was made under: one made under anything else is over."""
        value = f"{self.password}\x00{self.session_epoch}"
        return salted_hmac("bugs.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class Project(models.Model):
    """The tenant. `number` is what SDKs know it by, `key` begins its bugs' references.

    custom_fields: name -> {"type": text | number | boolean | date | choice, "choices": [...]} (`bugs.custom`).
    sla: severity -> {"triage_hours": n, "resolve_hours": n} (`bugs.sla`); what is missing has no target.
    Of errors: bugs_from is the least level whose new groups bear a bug, or none; attaches_similar lets stacks that are
    much alike share a group; events_per_minute and retention_days have no bound of the project's own when null.
    reports_from: reports that came before are gone; what they counted stays.
    privacy: what redaction does beside its defaults (`bugs.privacy.redaction`); privacy_version grows with each change.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(unique=True, editable=False)
    key = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=50, default="UTC")
    custom_fields = models.JSONField(default=dict, blank=True)
    sla = models.JSONField(default=dict, blank=True)
    bugs_from = models.CharField(max_length=8, choices=BugsFrom.choices, default=BugsFrom.ERROR, db_default="error")
    attaches_similar = models.BooleanField(default=True, db_default=True)
    events_per_minute = models.PositiveIntegerField(null=True, blank=True)
    retention_days = models.PositiveSmallIntegerField(null=True, blank=True)
    reports_from = models.DateTimeField(null=True, editable=False)
    privacy = models.JSONField(default=dict, blank=True, db_default={})
    privacy_version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    next_bug_number = models.PositiveIntegerField(default=1, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
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


class GroupRole(models.Model):
    """What the people of a group are in a project, beside what they are themselves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="group_roles")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="project_roles")
    role = models.CharField(max_length=12, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "group"], name="bugs_grouprole_once")]

    def __str__(self) -> str:
        return f"{self.group} is {self.role} of {self.project}"


class FailedSignIns(models.Model):
    """How often in a row someone could not sign in, until they could or the cool-off was over.

    who: a keyed digest of a name and an address, or of an address alone; neither is kept in the clear.
    """

    who = models.BinaryField(primary_key=True)
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.failures} since {self.last_at}"


class IngestKey(models.Model):
    """Lets SDKs of one project send errors; public by nature, it reads nothing."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="ingest_keys")
    public_key = models.CharField(max_length=32, unique=True, default=new_public_key)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"DSN of {self.project}"
