"""Who is told over HTTP (Endpoint), what they are owed (Delivery), each try (Attempt); who tells us (Connector)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from audit.identifiers import uuid7


class DeliveryState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DELIVERED = "delivered"
    FAILED = "failed"


class Endpoint(models.Model):
    """A receiver. `secret` is sealed (`config.keyring`); `event_types` are patterns such as `bug.*`.

    q: a filter over the bug of an event (docs/filters.md); with one, events without a bug do not go out. `me` in it is
    `owner_id`, whoever set it.
    """

    PLACE = "integrations_endpoint.secret"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("bugs.Project", on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=2_000)
    description = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list)
    q = models.CharField(max_length=2_000, blank=True, default="")
    owner_id = models.BigIntegerField(null=True, editable=False)
    secret = models.BinaryField()
    is_active = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.description or str(self.pk)


class Delivery(models.Model):
    """One event owed to one endpoint: a row of work with lease and epoch.

    epoch: grows with every claim, so it also counts all tries; attempts starts again on redelivery.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    event_type = models.CharField(max_length=64)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["endpoint", "event_id"], name="integrations_delivery_once")]
        indexes = [
            # A running one is due again when its lease is over.
            models.Index(
                Coalesce("lease_until", "next_attempt_at"),
                name="integrations_delivery_due",
                condition=Q(state__in=["queued", "running"]),
            ),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="integrations_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.endpoint_id}"


class Attempt(models.Model):
    """One try of a delivery and what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=40, blank=True)
    response_excerpt = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="integrations_attempt_once")]

    def __str__(self) -> str:
        return f"try {self.number}: {self.status or self.error}"


class Connector(models.Model):
    """Another system beside a project; what it tells is signed with `secret`, which is sealed (`config.keyring`).

    kind: whose ways it has, of `vendors.KINDS`. options: of that kind.
    """

    PLACE = "integrations_connector.secret"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("bugs.Project", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100, blank=True)
    options = models.JSONField(default=dict)
    secret = models.BinaryField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(F("project"), F("created_at").desc(), F("id").desc(), name="integrations_connector_newest")
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.pk}"


class Received(models.Model):
    """That a connector told something, for a while: what it sends again is known by its own id."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="received")
    delivery = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "delivery"], name="integrations_received_once")]
        indexes = [models.Index(fields=["connector", "received_at"], name="integrations_received_age")]

    def __str__(self) -> str:
        return self.delivery
