"""Shapes of keys."""

from typing import Any

from rest_framework import serializers

from audit.actors import PERMISSIONS
from config.api.serializers import StrictSerializer


class LimitsSerializer(StrictSerializer):
    requests_per_minute = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    requests_per_hour = serializers.IntegerField(min_value=1, max_value=10_000_000, required=False)
    requests_per_day = serializers.IntegerField(min_value=1, max_value=100_000_000, required=False)


class NewKeySerializer(StrictSerializer):
    name = serializers.CharField(max_length=100)
    permissions = serializers.ListField(child=serializers.ChoiceField(sorted(PERMISSIONS)), min_length=1, max_length=5)
    endpoints = serializers.ListField(child=serializers.CharField(max_length=80), max_length=100, required=False)
    rate_limits = LimitsSerializer(required=False)
    lifetime_days = serializers.IntegerField(min_value=1, max_value=365, required=False)


class KeySerializer(serializers.Serializer[Any]):
    """A key without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    hint = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    endpoints = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class IssuedKeySerializer(KeySerializer):
    """A new key with its secret, which is shown this once."""

    key = serializers.CharField()
