"""Shapes of those who watch a bug."""

from typing import Any

from rest_framework import serializers


class WatcherSerializer(serializers.Serializer[Any]):
    """Someone who hears of a bug."""

    username = serializers.CharField()
    since = serializers.DateTimeField()


class WatchSerializer(serializers.Serializer[Any]):
    """Whether the caller watches now."""

    watching = serializers.BooleanField()
