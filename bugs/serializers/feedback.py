"""Shapes of feedback."""

from typing import Any

from rest_framework import serializers

from config.api.serializers import StrictSerializer

MESSAGE_MAX = 4_096


class FeedbackParametersSerializer(serializers.Serializer[Any]):
    project = serializers.CharField(max_length=10, required=False)
    bug = serializers.CharField(
        max_length=40, required=False, help_text="A bug that feedback became, or that it is about."
    )


class NewFeedbackSerializer(StrictSerializer):
    """What someone said; it becomes a bug report. event_id: of the error that it is about, which may come later."""

    project = serializers.CharField(max_length=10)
    message = serializers.CharField(max_length=MESSAGE_MAX)
    name = serializers.CharField(max_length=128, allow_blank=True, required=False)
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)
    url = serializers.CharField(max_length=2_000, allow_blank=True, required=False, help_text="Kept without its query.")
    event_id = serializers.UUIDField(allow_null=True, required=False)


class FeedbackSerializer(serializers.Serializer[Any]):
    """What someone said when something went wrong. Who it was is sealed: `/feedback/{id}/raw/` tells."""

    id = serializers.UUIDField()
    project = serializers.CharField()
    message = serializers.CharField()
    name = serializers.CharField(help_text="`[redacted:name]` when one was given.")
    email = serializers.CharField(help_text="`[redacted:email]` when one was given.")
    url = serializers.CharField()
    event_id = serializers.UUIDField(allow_null=True, help_text="Of the error that it is about.")
    source = serializers.ChoiceField(["feedback", "user_report", "api"])  # type: ignore[assignment]
    bug_id = serializers.UUIDField()
    bug = serializers.CharField(help_text="The reference of the bug that it became.")
    error_bug_id = serializers.UUIDField(allow_null=True)
    error_bug = serializers.CharField(allow_null=True, help_text="The reference of the error's bug, when it is known.")
    created_at = serializers.DateTimeField()
