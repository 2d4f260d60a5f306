"""Shapes of saved views."""

from typing import Any

from rest_framework import serializers

from config.api.serializers import StrictSerializer

MAX_QUERY = 2_000
MAX_NAME = 100
ORDERINGS = ("-created_at", "created_at", "-updated_at", "updated_at")


class ViewChangesSerializer(StrictSerializer):
    """Only what is named changes."""

    name = serializers.CharField(max_length=MAX_NAME)
    q = serializers.CharField(
        max_length=MAX_QUERY, allow_blank=True, required=False, help_text="In the filter language; all bugs without it."
    )
    ordering = serializers.ChoiceField(ORDERINGS, required=False)
    project = serializers.CharField(
        max_length=10, allow_null=True, required=False, help_text="A key: only bugs of this project."
    )
    is_shared = serializers.BooleanField(required=False, help_text="With all who see the project.")


class SavedViewSerializer(serializers.Serializer[Any]):
    """A filter with a name."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    q = serializers.CharField()
    ordering = serializers.ChoiceField(ORDERINGS)
    project = serializers.CharField(allow_null=True)
    is_shared = serializers.BooleanField()
    owner = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
