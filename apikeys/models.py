"""Keys: what they may, for whom, until when."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.identifiers import uuid7
from bugs.choices import Role

NAME_MAX, REASON_MAX = 100, 200
LIMITS = ("requests_per_minute", "requests_per_hour", "requests_per_day")


class ApiKey(models.Model):
    """One credential of a person; its rights are never more than the person's own.

    role: at most that, whatever the owner is; empty goes as far as the owner's roles. project_ids: none means all of
    the owner's. They are no foreign keys: when a project goes, a key of that project alone must not become one for all.
    replaced_at: rotated then; it lives on until `expires_at`, so that users of the old secret have time to change.
    Where a key was used from is in the access log alone, where personal data is sealed and can be erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=NAME_MAX)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    pepper_version = models.PositiveSmallIntegerField(editable=False)
    hint = models.CharField(max_length=24, editable=False)
    role = models.CharField(max_length=12, choices=Role.choices, blank=True, default="")
    permissions = ArrayField(models.CharField(max_length=10), default=list)
    endpoints = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    ip_whitelist = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    project_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    requests_per_minute = models.PositiveIntegerField()
    requests_per_hour = models.PositiveIntegerField()
    requests_per_day = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=60, default="", editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    rotated_from = models.OneToOneField(
        "self", null=True, on_delete=models.SET_NULL, related_name="successor", editable=False
    )
    replaced_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.CharField(max_length=60, default="", editable=False)
    revoked_reason = models.CharField(max_length=REASON_MAX, default="", editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    use_count = models.BigIntegerField(default=0, editable=False)
    uses_since_replaced = models.BigIntegerField(default=0, editable=False)

    class Meta:
        indexes = [models.Index(fields=["owner", "created_at", "id"], name="apikeys_of_owner")]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"

    @property
    def limits(self) -> tuple[int, int, int]:
        return self.requests_per_minute, self.requests_per_hour, self.requests_per_day


class StoredAnswer(models.Model):
    """What a write with an `Idempotency-Key` was answered.

    No body: the answer showed a secret, or the project's rules of redaction changed since, so that its texts went.
    """

    name = models.BinaryField(max_length=32, primary_key=True)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField(null=True)
    projects = ArrayField(models.UUIDField(), default=list)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.status} at {self.created_at}"
