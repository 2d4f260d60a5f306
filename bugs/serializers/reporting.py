"""Shapes of `POST /errors/`: what a report may say, and what became of each."""

from typing import Any

from rest_framework import serializers

from bugs.choices import Level


class NewExceptionSerializer(serializers.Serializer[Any]):
    """`name` and `message` are taken for `type` and `value`; `stack` is a text as languages write it."""

    type = serializers.CharField(required=False)
    value = serializers.CharField(required=False)
    handled = serializers.BooleanField(required=False)
    stack = serializers.CharField(required=False)


class NewErrorSerializer(serializers.Serializer[Any]):
    """EnhancedErrorReport as a program sends it. All fields are optional; `sessionId` does for `session_id`.

    What is not as it must be is left out and named in `errors` of the answer.
    """

    project = serializers.CharField(required=False, help_text="Its key; when you may report to one only, that one.")
    event_id = serializers.CharField(required=False, help_text="The same again is the same report; `id` does too.")
    occurred_at = serializers.CharField(required=False, help_text="RFC 3339 or seconds since 1970; `timestamp` too.")
    level = serializers.ChoiceField(Level.choices, required=False)
    message = serializers.CharField(required=False)
    exception = NewExceptionSerializer(required=False)
    causes = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="Exceptions below it; a nested `cause` does too."
    )
    stack = serializers.CharField(required=False, help_text="As JavaScript, Python or Java write it.")
    frames = serializers.ListField(child=serializers.DictField(), required=False, help_text="Outermost call first.")
    breadcrumbs = serializers.ListField(child=serializers.DictField(), required=False, help_text="Oldest first.")
    user_actions = serializers.ListField(child=serializers.DictField(), required=False)
    api_failures = serializers.ListField(child=serializers.DictField(), required=False)
    auth_errors = serializers.ListField(child=serializers.DictField(), required=False)
    system_metrics = serializers.DictField(child=serializers.FloatField(), required=False)
    tags = serializers.DictField(child=serializers.CharField(), required=False)
    user = serializers.DictField(required=False, help_text="`id`, `email`, `username`, `ip_address`.")
    request = serializers.DictField(required=False)
    contexts = serializers.DictField(required=False)
    extra = serializers.DictField(required=False)
    modules = serializers.DictField(required=False)
    fingerprint = serializers.ListField(child=serializers.CharField(), required=False)
    transaction = serializers.CharField(required=False)
    component = serializers.CharField(required=False)
    environment = serializers.CharField(required=False)
    release = serializers.CharField(required=False)
    platform = serializers.CharField(required=False)
    session_id = serializers.CharField(required=False)


class NewErrorsSerializer(serializers.Serializer[Any]):
    """A batch. `project` is for reports that name none."""

    project = serializers.CharField(required=False)
    reports = NewErrorSerializer(many=True)


class ReportResultSerializer(serializers.Serializer[Any]):
    """What became of one report."""

    event_id = serializers.UUIDField(allow_null=True)
    outcome = serializers.ChoiceField(["accepted", "deduplicated", "invalid", "filtered"])
    reason = serializers.CharField(help_text="Why it was not kept; empty otherwise.")
    id = serializers.UUIDField(allow_null=True, help_text="Of the error report, as `/errors/` shows it.")
    group_id = serializers.UUIDField(allow_null=True)
    bug = serializers.CharField(allow_null=True, help_text="The reference of its bug.")
    errors = serializers.ListField(child=serializers.CharField(), help_text="Dropped fields.")  # type: ignore[assignment]


class ReportResultsSerializer(serializers.Serializer[Any]):
    results = ReportResultSerializer(many=True, help_text="In the order of the reports.")
