"""Shapes of what became of what was sent."""

from typing import Any

from rest_framework import serializers

from bugs.selectors.outcomes import GROUPS

OUTCOMES = ("accepted", "deduplicated", "invalid", "limited", "filtered", "dropped")


class OutcomesParametersSerializer(serializers.Serializer[Any]):
    project = serializers.CharField(max_length=10, required=False, help_text="Its key; all of yours without it.")
    to = serializers.CharField(max_length=40, default="now", help_text="As `from`; up to the end of its hour.")
    group_by = serializers.ChoiceField(GROUPS, default="hour", help_text="The length of a point, in UTC.")
    category = serializers.CharField(max_length=20, required=False, help_text="`error`, `feedback`, `attachment` …")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        says = "RFC 3339, a date (midnight UTC), or relative: `-24h`, `-30d`; from the beginning of its hour."
        return {**super().get_fields(), "from": serializers.CharField(max_length=40, default="-24h", help_text=says)}


class OutcomeProjectSerializer(serializers.Serializer[Any]):
    project = serializers.CharField(max_length=10, required=False, help_text="Where several have such an event.")


class FiguresSerializer(serializers.Serializer[Any]):
    """received = accepted + deduplicated + invalid + limited + filtered + dropped + pending."""

    category = serializers.CharField()
    received = serializers.IntegerField()
    accepted = serializers.IntegerField()
    deduplicated = serializers.IntegerField()
    invalid = serializers.IntegerField()
    limited = serializers.IntegerField()
    filtered = serializers.IntegerField()
    dropped = serializers.IntegerField()
    pending = serializers.IntegerField(help_text="Acknowledged, and not read yet.")
    discarded = serializers.IntegerField(help_text="What SDKs say that they threw away themselves; never received.")
    reasons = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()), help_text="Outcome -> reason -> how many."
    )


class PointFiguresSerializer(FiguresSerializer):
    start = serializers.DateTimeField()


class OutcomesSerializer(serializers.Serializer[Any]):
    to = serializers.DateTimeField()
    group_by = serializers.ChoiceField(GROUPS)
    waiting_envelopes = serializers.IntegerField(help_text="Acknowledged, and not read yet, of any category.")
    set_aside_envelopes = serializers.IntegerField(help_text="Those of them that could not be read; they stay.")
    totals = FiguresSerializer(many=True)
    series = PointFiguresSerializer(many=True, help_text="Points in which something was counted, oldest first.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateTimeField(), **super().get_fields()}


class EventOutcomeSerializer(serializers.Serializer[Any]):
    """What became of one event."""

    event_id = serializers.UUIDField()
    project = serializers.CharField()
    outcome = serializers.ChoiceField(("pending", *OUTCOMES))
    reason = serializers.CharField()
    at = serializers.DateTimeField(help_text="When that was known.")
    times_seen = serializers.IntegerField(help_text="How often it came, as far as it is remembered.")
    id = serializers.UUIDField(allow_null=True, help_text="Of the error report.")
    group_id = serializers.UUIDField(allow_null=True)
    bug = serializers.CharField(allow_null=True, help_text="The reference of its bug.")
    feedback_id = serializers.UUIDField(allow_null=True, help_text="When it was feedback.")
    errors = serializers.ListField(child=serializers.CharField(), help_text="Dropped fields.")  # type: ignore[assignment]
    redacted = serializers.ListField(
        child=serializers.CharField(), help_text="Where placeholders stand, as JSON pointers into the report."
    )
