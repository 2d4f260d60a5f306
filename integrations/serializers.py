"""Webhooks, their deliveries and connectors as the API shows and takes them."""

import re
from typing import Any

from rest_framework import serializers

from config.api.serializers import StrictSerializer
from integrations.models import DeliveryState
from integrations.vendors import KINDS

MAX_EVENT_TYPES = 50
MAX_FILTER = 2_000
_PATTERN = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")


def check_pattern(text: str) -> None:
    if not _PATTERN.fullmatch(text):
        raise serializers.ValidationError("Use an event type (bug.created), a family (bug.*) or *.")


def _event_types() -> serializers.ListField:
    pattern = serializers.CharField(max_length=64, validators=[check_pattern])
    return serializers.ListField(child=pattern, min_length=1, max_length=MAX_EVENT_TYPES)


def _secret() -> serializers.CharField:
    text = "What it signs with; never shown again. A new connector without one gets one."
    return serializers.CharField(min_length=16, max_length=200, required=False, help_text=text)


def _filter() -> serializers.CharField:
    text = "A filter over the bug of an event (docs/filters.md); `changed:` and `.was:` ask what the event changed."
    return serializers.CharField(max_length=MAX_FILTER, allow_blank=True, required=False, help_text=text)


class WebhookChanges(StrictSerializer):
    """What of a webhook can be changed."""

    url = serializers.CharField(max_length=2_000)
    description = serializers.CharField(max_length=200, allow_blank=True, required=False)
    event_types = _event_types()
    q = _filter()
    is_active = serializers.BooleanField(required=False)


class NewWebhook(StrictSerializer):
    project = serializers.CharField(max_length=10, help_text="The project's key.")
    url = serializers.CharField(max_length=2_000)
    description = serializers.CharField(max_length=200, allow_blank=True, required=False)
    event_types = _event_types()
    q = _filter()


class Webhook(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    project = serializers.CharField(help_text="The project's key.")
    url = serializers.CharField()
    description = serializers.CharField()
    event_types = serializers.ListField(child=serializers.CharField())
    q = serializers.CharField()
    is_active = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class CreatedWebhook(Webhook):
    secret = serializers.CharField(help_text="For verifying signatures; shown this once.")


class WebhookAttempt(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    response_excerpt = serializers.CharField()


class WebhookDelivery(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    webhook = serializers.UUIDField(source="endpoint_id")
    event_id = serializers.UUIDField()
    event_type = serializers.CharField()
    payload = serializers.JSONField()
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    tries = WebhookAttempt(many=True)


class NewConnector(StrictSerializer):
    project = serializers.CharField(max_length=10, help_text="The project's key.")
    kind = serializers.ChoiceField(list(KINDS))
    name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    secret = _secret()
    options = serializers.DictField(required=False, default=dict, help_text="Of the kind (docs/releases.md).")


class ConnectorChanges(StrictSerializer):
    """What of a connector can be changed."""

    name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    secret = _secret()
    options = serializers.DictField(required=False)
    is_active = serializers.BooleanField(required=False)


class Connector(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    project = serializers.CharField(help_text="The project's key.")
    kind = serializers.ChoiceField(list(KINDS))
    name = serializers.CharField()
    options = serializers.DictField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    inbound_url = serializers.CharField(help_text="Where it sends what it has to tell.")


class CreatedConnector(Connector):
    secret = serializers.CharField(allow_null=True, help_text="Shown this once; null when you gave one.")


class Inbound(serializers.Serializer[Any]):
    result = serializers.ChoiceField(["stored", "repeated", "ignored"])
