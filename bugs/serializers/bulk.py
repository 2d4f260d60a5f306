"""Shapes of bulk changes."""

from typing import Any

from rest_framework import serializers

from bugs import tags
from bugs.choices import BugType, Priority, Resolution, Severity, Status
from bugs.serializers.bugs import CustomField
from config.api.serializers import StrictSerializer


class TagChangesField(serializers.DictField):
    """Tags to set; null takes one away. The others stay."""

    child = serializers.CharField(max_length=tags.MAX_VALUE, allow_blank=True, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        changes = super().to_internal_value(data)
        if len(changes) > tags.MAX_TAGS or any(len(name) > tags.MAX_NAME for name in changes):
            raise serializers.ValidationError(tags.TOO_MANY)
        return changes


class BulkSetSerializer(StrictSerializer):
    """What is done to each bug. `tags` and `custom` are merged into what a bug has: null takes one away."""

    status = serializers.ChoiceField(Status.choices, required=False)
    resolution = serializers.ChoiceField(Resolution.choices, required=False)
    assignee = serializers.CharField(max_length=150, allow_null=True, required=False)
    severity = serializers.ChoiceField(Severity.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    bug_type = serializers.ChoiceField(BugType.choices, required=False)
    component = serializers.CharField(max_length=100, allow_blank=True, required=False)
    environment = serializers.CharField(max_length=64, allow_blank=True, required=False)
    release = serializers.CharField(max_length=200, allow_blank=True, required=False)
    due_on = serializers.DateField(allow_null=True, required=False)
    tags = TagChangesField(required=False)
    custom = CustomField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Name at least one field to set.")
        if "resolution" in attrs and "status" not in attrs:
            raise serializers.ValidationError({"resolution": "A resolution comes with a status."})
        return attrs


class BulkSerializer(StrictSerializer):
    """Which bugs, by `ids` (UUIDs or references) or by `q`, what to set, and whether only to try."""

    ids = serializers.ListField(child=serializers.CharField(max_length=40), allow_empty=False, required=False)
    q = serializers.CharField(max_length=10_000, required=False)
    set = BulkSetSerializer()
    dry_run = serializers.BooleanField(default=False)


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of one bug; `code` and `detail` say why it was refused."""

    id = serializers.CharField()
    reference = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(["changed", "unchanged", "refused"])
    version = serializers.IntegerField(required=False)
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class BulkAnswerSerializer(serializers.Serializer[Any]):
    results = BulkResultSerializer(many=True)
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    dry_run = serializers.BooleanField()
