"""Shapes of limits."""

from typing import Any

from rest_framework import serializers

from config.api.serializers import StrictSerializer


class EndpointSerializer(StrictSerializer):
    endpoint = serializers.CharField(
        max_length=80,
        required=False,
        help_text="An operation, such as `exports_create`: what is left for it. Without it: for any that costs 1.",
    )


class WindowSerializer(serializers.Serializer[Any]):
    """One limit: units are what calls cost, most of them 1."""

    name = serializers.CharField(help_text="As in `RateLimit-Policy`.")
    limit = serializers.IntegerField(help_text="Units in a window.")
    seconds = serializers.IntegerField(help_text="Length of a window.")
    remaining = serializers.IntegerField(help_text="Units that are left in this one.")
    reset_time = serializers.DateTimeField(help_text="When the next one begins.")


class RateLimitStatusSerializer(serializers.Serializer[Any]):
    """Whether the caller may call now, and how often."""

    endpoint = serializers.CharField(allow_null=True)
    cost = serializers.IntegerField(help_text="Units that one call takes from each window.")
    allowed = serializers.BooleanField(help_text="Whether a call would be let through now.")
    remaining = serializers.IntegerField(allow_null=True, help_text="Such calls that are left; null without limits.")
    reset_time = serializers.DateTimeField(
        allow_null=True, help_text="When there is more: the next window begins of the limit that is nearest."
    )
    retry_after = serializers.IntegerField(allow_null=True, help_text="Seconds to wait; null when allowed.")
    windows = WindowSerializer(many=True)
