"""Shapes of bugs: what goes in is checked here, what comes out is described here."""

from typing import Any

from rest_framework import serializers

from bugs import tags
from bugs.choices import BugType, Level, Priority, Resolution, Severity, Status
from bugs.custom import MAX_FIELDS
from config.api.serializers import StrictSerializer


class TagsField(serializers.DictField):
    """Names and values as text, 50 at most."""

    child = serializers.CharField(max_length=tags.MAX_VALUE, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        if len(given) > tags.MAX_TAGS or any(len(name) > tags.MAX_NAME for name in given):
            raise serializers.ValidationError(tags.TOO_MANY)
        return given


class CustomField(serializers.DictField):
    """Values by the names of the project's custom fields; null takes one away. The service knows their types."""

    child = serializers.JSONField(allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and len(data) > MAX_FIELDS:
            raise serializers.ValidationError(f"A bug has {MAX_FIELDS} custom fields at most.")
        return super().to_internal_value(data)


class BugChangesSerializer(StrictSerializer):
    """What a bug says of itself. `tags` are given whole; of `custom` only the named values change."""

    title = serializers.CharField(max_length=300)
    description = serializers.CharField(max_length=50_000, allow_blank=True, required=False)
    steps = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    expected = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    actual = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    severity = serializers.ChoiceField(Severity.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    bug_type = serializers.ChoiceField(BugType.choices, required=False)
    component = serializers.CharField(max_length=100, allow_blank=True, required=False)
    environment = serializers.CharField(max_length=64, allow_blank=True, required=False)
    release = serializers.CharField(max_length=200, allow_blank=True, required=False)
    tags = TagsField(required=False)
    due_on = serializers.DateField(allow_null=True, required=False)
    custom = CustomField(required=False)


class BugReportSerializer(BugChangesSerializer):
    """A new bug in the project with that key. Without an assignee the project's assignment rules choose one."""

    project = serializers.CharField(max_length=10)
    assignee = serializers.CharField(max_length=150, required=False)


class StatusMoveSerializer(StrictSerializer):
    """Where a bug goes; notes become a public comment."""

    to = serializers.ChoiceField(Status.choices)
    resolution = serializers.ChoiceField(Resolution.choices, required=False)
    notes = serializers.CharField(max_length=20_000, allow_blank=True, required=False)


class AssignmentSerializer(StrictSerializer):
    assignee = serializers.CharField(max_length=150, allow_null=True)


class BugSerializer(serializers.Serializer[Any]):
    """A bug as every door shows it. Moments are in UTC."""

    id = serializers.UUIDField()
    reference = serializers.CharField(help_text="Project and number, like WEB-42.")
    project = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    steps = serializers.CharField(help_text="How to make it happen.")
    expected = serializers.CharField()
    actual = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    severity = serializers.ChoiceField(Severity.choices)
    priority = serializers.ChoiceField(Priority.choices)
    bug_type = serializers.ChoiceField(BugType.choices)
    resolution = serializers.ChoiceField(Resolution.choices, allow_blank=True)
    component = serializers.CharField()
    environment = serializers.CharField()
    release = serializers.CharField()
    tags = serializers.DictField(child=serializers.CharField())
    custom = serializers.DictField(help_text="Values by the names of the project's custom fields.")
    due_on = serializers.DateField(allow_null=True)
    reporter = serializers.CharField(allow_null=True, help_text="User name.")
    assignee = serializers.CharField(allow_null=True, help_text="User name.")
    merged_into = serializers.CharField(allow_null=True, help_text="Reference of the bug that it was merged into.")
    error_level = serializers.ChoiceField(Level.choices, allow_blank=True)
    error_count = serializers.IntegerField()
    user_count = serializers.IntegerField()
    comment_count = serializers.IntegerField()
    attachment_count = serializers.IntegerField()
    reopen_count = serializers.IntegerField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    last_error_at = serializers.DateTimeField(allow_null=True)
    triaged_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class BugEventSerializer(serializers.Serializer[Any]):
    """One step of a bug's lifecycle."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    actor = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


class PartSerializer(serializers.Serializer[Any]):
    """The newest of one part of a bug."""

    results = serializers.ListField(child=serializers.DictField())
    has_more = serializers.BooleanField()
    url = serializers.URLField(help_text="The whole list.")


class BugDetailSerializer(BugSerializer):
    """A bug with its parts, as far as they were asked for."""

    comments = PartSerializer(required=False)
    attachments = PartSerializer(required=False)
    lifecycle = PartSerializer(required=False)
    error_context = PartSerializer(required=False)
    related = PartSerializer(required=False)
    analytics = serializers.DictField(required=False)
