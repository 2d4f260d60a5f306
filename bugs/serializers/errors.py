"""Shapes of errors and of the stories around them: parameters are checked, answers described."""

from typing import Any

from rest_framework import serializers

from bugs.choices import Level


class ErrorParametersSerializer(serializers.Serializer[Any]):
    project = serializers.CharField(max_length=10, required=False)
    level = serializers.MultipleChoiceField(choices=Level.choices, required=False)
    component = serializers.CharField(max_length=100, required=False)
    environment = serializers.CharField(max_length=64, required=False)
    release = serializers.CharField(max_length=200, required=False)
    session = serializers.CharField(max_length=64, required=False)
    group = serializers.UUIDField(required=False, help_text="The group itself, without those behind it.")
    occurred_after = serializers.DateTimeField(required=False)
    occurred_before = serializers.DateTimeField(required=False)


class ExceptionSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    value = serializers.CharField()
    handled = serializers.BooleanField()


class UserActionSerializer(serializers.Serializer[Any]):
    """UserActionContext: a click, an input, a navigation."""

    at = serializers.DateTimeField(required=False)
    action = serializers.CharField()
    target = serializers.CharField(required=False)
    url_from = serializers.CharField(required=False)
    url_to = serializers.CharField(required=False)


class APIFailureSerializer(serializers.Serializer[Any]):
    """APIFailureContext: a call that failed. URLs have no query."""

    at = serializers.DateTimeField(required=False)
    url = serializers.CharField(required=False)
    method = serializers.CharField(required=False)
    status = serializers.IntegerField(required=False)
    reason = serializers.CharField(required=False)


class AuthErrorSerializer(APIFailureSerializer):
    """AuthErrorContext: a call answered with 401 or 403, or a sign-in that failed."""

    source = serializers.ChoiceField(["api", "breadcrumb", "exception"])  # type: ignore[assignment]
    type = serializers.CharField(required=False)
    message = serializers.CharField(required=False)


class MetaSerializer(serializers.Serializer[Any]):
    errors = serializers.ListField(child=serializers.CharField(), help_text="Dropped fields.")  # type: ignore[assignment]
    redacted = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Where placeholders stand, as JSON pointers; 50 at most.",
    )
    fingerprint = serializers.ListField(child=serializers.CharField())


class ErrorSerializer(serializers.Serializer[Any]):
    """EnhancedErrorReport: one error with everything that its program said around it."""

    id = serializers.UUIDField()
    group_id = serializers.UUIDField()
    project = serializers.CharField()
    event_id = serializers.UUIDField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    level = serializers.ChoiceField(Level.choices)
    message = serializers.CharField()
    exception = ExceptionSerializer(allow_null=True)
    frames = serializers.ListField(child=serializers.DictField())
    breadcrumbs = serializers.ListField(child=serializers.DictField(), help_text="ErrorBreadcrumb, oldest first.")
    user_actions = UserActionSerializer(many=True)
    api_failures = APIFailureSerializer(many=True)
    auth_errors = AuthErrorSerializer(many=True)
    system_metrics = serializers.DictField(child=serializers.FloatField())
    tags = serializers.DictField(child=serializers.CharField())
    user = serializers.DictField(child=serializers.CharField())
    user_key = serializers.CharField(help_text="The user as a keyed hash: the same user, the same key.")
    request = serializers.DictField()
    contexts = serializers.DictField(help_text="Runtime, device, operating system, browser and others.")
    extra = serializers.DictField()
    modules = serializers.DictField()
    transaction = serializers.CharField()
    component = serializers.CharField()
    environment = serializers.CharField()
    release = serializers.CharField()
    platform = serializers.CharField()
    session_id = serializers.CharField()
    sdk = serializers.DictField(child=serializers.CharField())
    meta = MetaSerializer()


class TimelineEntrySerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(
        ["session_started", "user_action", "api_failure", "auth_error", "error", "lifecycle", "comment"]
    )
    id = serializers.CharField(help_text="Of the session, report, event or comment that it comes from.")
    data = serializers.DictField()  # type: ignore[assignment]


class TimelineSerializer(serializers.Serializer[Any]):
    results = TimelineEntrySerializer(many=True)
    complete = serializers.BooleanField(help_text="False when older reports or entries were left out.")
