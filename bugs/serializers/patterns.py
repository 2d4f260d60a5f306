"""Shapes of error patterns: parameters are checked, answers described."""

from typing import Any

from rest_framework import serializers

from bugs.choices import Level, Status
from bugs.selectors.patterns import ORDERINGS

OCCURRENCES_MAX = 1_000_000


class RangeParametersSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        what = "RFC 3339 or relative, like -7d."
        return super().get_fields() | {
            "from": serializers.CharField(default="-7d", max_length=40, help_text=what),
            "to": serializers.CharField(default="now", max_length=40, help_text=what),
        }


class PatternParametersSerializer(RangeParametersSerializer):
    project = serializers.CharField(max_length=10, required=False)
    level = serializers.MultipleChoiceField(choices=Level.choices, required=False)
    environment = serializers.CharField(max_length=64, required=False)
    release = serializers.CharField(max_length=200, required=False)
    min_occurrences = serializers.IntegerField(min_value=1, max_value=OCCURRENCES_MAX, default=1)
    include_resolved = serializers.BooleanField(default=False)
    ordering = serializers.ChoiceField(ORDERINGS, default="count", help_text="The largest first.")


class TrendSerializer(serializers.Serializer[Any]):
    previous = serializers.IntegerField(help_text="In the range of the same length before.")
    change = serializers.IntegerField()
    score = serializers.FloatField(help_text="The change in standard deviations of chance (Poisson).")
    direction = serializers.ChoiceField(["new", "rising", "steady", "falling"])


class PatternSerializer(serializers.Serializer[Any]):
    """A kind of error that keeps happening: a group of errors and its figures in the range."""

    id = serializers.UUIDField(help_text="Of the group of errors.")
    project = serializers.CharField()
    title = serializers.CharField()
    culprit = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    count = serializers.IntegerField(help_text="Reports in the range.")
    reports = serializers.IntegerField(help_text="Reports ever.")
    users = serializers.IntegerField()
    trend = TrendSerializer()
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    spiking_since = serializers.DateTimeField(allow_null=True, help_text="When errors began to come far more often.")
    bug = serializers.CharField(allow_null=True)
    bug_status = serializers.ChoiceField(Status.choices, allow_null=True)
    is_assigned = serializers.BooleanField()
    releases = serializers.ListField(child=serializers.CharField())
    environments = serializers.ListField(child=serializers.CharField())


class CorrelationSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["session", "component", "release"])
    group_id = serializers.UUIDField()
    title = serializers.CharField()
    score = serializers.FloatField(help_text="0 to 1: Jaccard's measure; what every group has weighs nothing.")
    support = serializers.IntegerField(help_text="How many sessions, components or releases they share.")


class TrendPointSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    count = serializers.IntegerField()


class RecommendationSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    evidence = serializers.DictField()


class PatternUsersSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    new = serializers.IntegerField(help_text="Met it for the first time in the range.")


class ShareSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    reports = serializers.IntegerField()
    share = serializers.FloatField()


class SystemImpactSerializer(serializers.Serializer[Any]):
    """What the newest reports say of where they came from."""

    looked_at = serializers.IntegerField()
    environment = ShareSerializer(many=True)
    release = ShareSerializer(many=True)
    browser = ShareSerializer(many=True)
    os = ShareSerializer(many=True)
    device = ShareSerializer(many=True)
    metrics = serializers.DictField(child=serializers.FloatField(), help_text="Medians.")


class PatternDetailSerializer(serializers.Serializer[Any]):
    pattern = PatternSerializer()
    correlations = CorrelationSerializer(many=True)
    trends = TrendPointSerializer(many=True)
    recommendations = RecommendationSerializer(many=True)
    affected_users = PatternUsersSerializer()
    system_impact = SystemImpactSerializer()
