"""Keys: what they may, for whom, until when."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.identifiers import uuid7


class ApiKey(models.Model):
    """One credential of a person; its rights are never more than the person's own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    pepper_version = models.PositiveSmallIntegerField(editable=False)
    hint = models.CharField(max_length=24, editable=False)
    permissions = ArrayField(models.CharField(max_length=10), default=list)
    endpoints = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    projects = models.ManyToManyField("bugs.Project", blank=True, help_text="None chosen: all of the owner's.")
    requests_per_minute = models.PositiveIntegerField()
    requests_per_hour = models.PositiveIntegerField()
    requests_per_day = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"


class StoredAnswer(models.Model):
    """What a write with an `Idempotency-Key` was answered. No body: the answer showed a secret."""

    name = models.BinaryField(max_length=32, primary_key=True)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField(null=True)
    projects = ArrayField(models.UUIDField(), default=list)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.status} at {self.created_at}"
